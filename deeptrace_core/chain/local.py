"""A chain on this machine, to try anchoring with: anvil, with the rules of NeoX. Proves nothing to others."""

from urllib.parse import urlsplit

from eth_typing import HexStr
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.keystore import new_keystore, open_keystore
from deeptrace_core.chain.presets import Chain
from deeptrace_core.errors import ChainUnavailableError, KeystoreError, StartupError
from deeptrace_core.settings import PROJECT_ROOT, Settings

ANVIL = PROJECT_ROOT / "contracts" / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
# Gas a transaction at most 2^24 (EIP-7825), a base fee of 20 gwei: NeoX since June 2026.
ANVIL_RULES = ("--hardfork", "osaka", "--enable-tx-gas-limit", "--block-base-fee-per-gas", "20000000000")
BLOCK_TIME_S = 2
FUNDS_WEI = 10**19


def local_chain_command(settings: Settings, chain: Chain) -> list[str]:
    """How to start the chain. Its blocks are kept in the home of the settings.

    Raises:
        StartupError: anvil is not installed.
    """
    if not ANVIL.exists():
        raise StartupError(
            "The local chain needs anvil, which is not installed here.",
            advice="Install Node.js (18 or newer), then: make contracts/node_modules/ready",
        )
    folder = settings.local_chain_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = urlsplit(chain.rpc_urls[0])
    address = ["--host", url.hostname or "127.0.0.1", "--port", str(url.port or 8545)]
    kept = ["--state", str(folder / "state.json"), "--state-interval", "5"]
    rules = ["--chain-id", str(chain.chain_id), "--block-time", str(BLOCK_TIME_S), *ANVIL_RULES]
    return [str(ANVIL), "--quiet", *address, *kept, *rules]


def answers(chain: Chain) -> bool:
    """Whether the chain is there. Another program on its port is not."""
    try:
        ChainClient(chain).latest_block()
    except ChainUnavailableError:
        return False
    return True


def prepare(settings: Settings, chain: Chain) -> None:
    """Put the contract on the fresh chain, make the notary's key, and give it coins that are worth nothing.

    Raises:
        EnvironmentFault: the chain does not answer, or the contract stands elsewhere than it should.
    """
    w3 = Web3(HTTPProvider(chain.rpc_urls[0], exception_retry_configuration=None))
    contract = Web3.to_checksum_address(chain.contract or "")
    if not w3.eth.get_code(contract):
        # anvil holds the keys of its first accounts itself.
        deployer = w3.eth.accounts[0]
        sent = w3.eth.send_transaction({"from": deployer, "data": HexStr(artifact().creation_code)})
        w3.eth.wait_for_transaction_receipt(sent, timeout=30)
    ChainClient(chain).check()
    if settings.keystore is None or settings.keystore_password_file is None:
        raise KeystoreError("The local chain needs a place for the notary's key.")
    if not settings.keystore.exists():
        new_keystore(settings.keystore, settings.keystore_password_file)
    issuer = open_keystore(settings.keystore, settings.keystore_password_file).address
    w3.provider.make_request(RPCEndpoint("anvil_setBalance"), [issuer, hex(FUNDS_WEI)])
