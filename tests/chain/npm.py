"""What npm installs for these tests, where it did: `make contracts/node_modules/ready`."""

import shutil
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NODE = shutil.which("node")

needs_npm = pytest.mark.skipif(
    NODE is None or not (CONTRACTS / "node_modules" / "solc").exists(),
    reason="no solc on this machine: install Node.js, then make contracts/node_modules/ready",
)
