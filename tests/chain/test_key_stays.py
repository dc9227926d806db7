"""The key is in the notary's process only: no other part of the program can so much as ask for it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OF_THE_KEY = re.compile(
    r"keystore|KEYSTORE|(?<!itsdangerous\.)\bSigner\b|eth_account|from_key|private_key|local_chain_dir"
)
MAY_KNOW = {
    "deeptrace_core/settings.py",  # where it is, not what it is
    "deeptrace_core/errors.py",  # the text for who has none
    "deeptrace_core/notary.py",
    "deeptrace_core/up.py",  # starts the notary if there is one
    "deeptrace_core/chain/keystore.py",
    "deeptrace_core/chain/notary.py",
    "deeptrace_core/chain/deploy.py",
    "deeptrace_core/chain/local.py",
}


def test_only_the_notary_knows_of_keys() -> None:
    """Pages, worker, store, formats and the look at the chain do not mention them."""
    sources = [ROOT / "app.py"]
    for folder in ("pages", "worker", "deeptrace_core"):
        sources += (ROOT / folder).rglob("*.py")
    naming = {path.relative_to(ROOT).as_posix() for path in sources if OF_THE_KEY.search(path.read_text())}
    assert naming == MAY_KNOW


@pytest.mark.parametrize("part", ["pages", "worker"])
def test_pages_and_worker_cannot_reach_what_opens_it(part: str) -> None:
    """They import neither the notary nor the module with the key, in whatever way it is written."""
    reach = re.compile(r"chain\.(keystore|notary|deploy|local)|deeptrace_core(\.| import )notary")
    assert [path for path in (ROOT / part).rglob("*.py") if reach.search(path.read_text())] == []


def test_nothing_that_logs_or_raises_names_a_secret() -> None:
    """In the files that may know it, no text is made of the account, the key or the password."""
    spoken = re.compile(r"\{(self\._account|account\.key|key|password)\b|log\.\w+\(.*(password|\bkey\b)")
    assert [name for name in MAY_KNOW if spoken.search((ROOT / name).read_text())] == []
