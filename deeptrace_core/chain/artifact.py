"""The compiled contract, as it is committed: `contracts/ReportAnchor.json`, made by `make contract`."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from deeptrace_core.settings import PROJECT_ROOT

ARTIFACT = PROJECT_ROOT / "contracts" / "ReportAnchor.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """What the compiler made of ReportAnchor.sol."""

    abi: list[dict[str, Any]]
    creation_code: str
    """What a deployment sends: 0x and hexadecimal digits."""
    deployed_code: bytes
    """What stands at the address afterwards. It has no immutable values, so it is the same everywhere."""


@cache
def artifact() -> Artifact:
    """The committed contract."""
    document = json.loads(ARTIFACT.read_bytes())
    return Artifact(
        abi=document["abi"],
        creation_code=document["bytecode"],
        deployed_code=bytes.fromhex(document["deployedBytecode"].removeprefix("0x")),
    )
