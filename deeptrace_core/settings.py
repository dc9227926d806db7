"""The settings of one process. The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deeptrace_core.errors import SettingsError
from deeptrace_core.permissions import Role

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are and how patient to be. Each field names its environment variable."""

    home: Path
    """DEEPTRACE_HOME: database, media, weights, logs of this machine (default: .deeptrace beside app.py)."""
    mongodb_uri: str | None
    """DEEPTRACE_MONGODB_URI: a MongoDB of your own. Without it, the embedded one is started."""
    mongod: Path | None
    """DEEPTRACE_MONGOD: the mongod program for the embedded database (default: the one installed by pip)."""
    blobs_url: str
    """DEEPTRACE_BLOBS: where videos and reports are stored, file:///... or s3://... (default: under home)."""
    weights_mirror: Path | None
    """DEEPTRACE_WEIGHTS_MIRROR: a folder with published weights, read in place of the download."""
    detector: str
    """DEEPTRACE_DETECTOR: the detector used where nobody asks for another."""
    audio_detector: str
    """DEEPTRACE_AUDIO_DETECTOR: what listens to voices, if its weights are here: aasist or aasist-l."""
    device: str | None
    """DEEPTRACE_DEVICE: where the networks run: cpu, cuda, cuda:1 (default: a GPU if there is one)."""
    runtime: str | None
    """DEEPTRACE_RUNTIME: openvino or torch (default: OpenVINO on a CPU, PyTorch on a GPU)."""
    precision: str | None
    """DEEPTRACE_PRECISION: int8 for OpenVINO, after `worker quantize`; bf16 for PyTorch (default: fp32)."""
    compiled: bool
    """DEEPTRACE_COMPILED: "yes" lets PyTorch compile detectors first: a later start, and sooner scores."""
    converted_dir: Path
    """DEEPTRACE_CONVERTED: where networks are kept as OpenVINO runs them (default: under home).

    It can be deleted; they are made again.
    """
    trust_anchors: Path | None
    """DEEPTRACE_TRUST_ANCHORS: a PEM file of those who may vouch for the signers of Content Credentials."""
    port: int
    """DEEPTRACE_PORT: where `make run` serves the pages, on 127.0.0.1."""
    api_tokens_file: Path | None
    """DEEPTRACE_API_TOKENS_FILE: who may use the HTTP API, see tokens.py (default: as the pages)."""
    users_file: Path | None
    """DEEPTRACE_USERS_FILE: people who log in with a password, see users.py (default: none)."""
    role_claim: str | None
    """DEEPTRACE_ROLE_CLAIM: what of a person's login names their roles (default: everybody is an admin)."""
    role_values: Mapping[str, Role]
    """DEEPTRACE_ROLE_VALUES: which value of that claim is which role: staff=analyst,heads=admin."""
    without_login: bool
    """DEEPTRACE_WITHOUT_LOGIN: "yes" serves other machines though nobody has to log in."""
    webhook_private: bool
    """DEEPTRACE_WEBHOOK_PRIVATE: "yes" lets webhooks lead to this machine and its network, and be http."""
    max_upload_gb: float
    """DEEPTRACE_MAX_UPLOAD_GB: the largest file that is accepted, in billions of bytes."""
    lease_s: float
    """DEEPTRACE_LEASE_S: how long a worker may be silent before another takes its job."""
    retention_days: float | None
    """DEEPTRACE_RETENTION_DAYS: how long a new job is kept from its submission on (default: for ever)."""
    chain: str | None
    """DEEPTRACE_CHAIN: neox, neox-testnet, local, or the id of another EVM chain (default: no anchoring)."""
    chain_rpc: tuple[str, ...]
    """DEEPTRACE_CHAIN_RPC: addresses of nodes, with commas between (default: those known of the chain)."""
    chain_contract: str | None
    """DEEPTRACE_CHAIN_CONTRACT: where ReportAnchor stands on that chain."""
    chain_explorer: str | None
    """DEEPTRACE_CHAIN_EXPLORER: a site that shows transactions (default: the one known of the chain)."""
    chain_issuer: str | None
    """DEEPTRACE_CHAIN_ISSUER: whose anchors `verify` accepts (default: anybody's, and it says whose)."""
    chain_tip_floor_gwei: float | None
    """DEEPTRACE_CHAIN_TIP_FLOOR_GWEI: the least to offer a block's maker for a unit of gas."""
    chain_fee_cap_gwei: float | None
    """DEEPTRACE_CHAIN_FEE_CAP_GWEI: the most to pay for a unit of gas in all."""
    keystore: Path | None
    """DEEPTRACE_KEYSTORE: the notary's key, an encrypted keystore file. Only the notary opens it."""
    keystore_password_file: Path | None
    """DEEPTRACE_KEYSTORE_PASSWORD_FILE: a file whose first line opens the keystore."""

    @property
    def max_upload_bytes(self) -> int:
        return round(self.max_upload_gb * 1e9)

    @property
    def uploads_dir(self) -> Path:
        return self.home / "uploads"

    @property
    def weights_dir(self) -> Path:
        return self.home / "weights"

    @property
    def evaluations_dir(self) -> Path:
        return self.home / "evaluations"

    @property
    def local_chain_dir(self) -> Path:
        return self.home / "local-chain"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("DEEPTRACE_HOME") or PROJECT_ROOT / ".deeptrace").expanduser().resolve()
    # The key of the local chain is worth nothing, so it has a place of its own that nobody must choose.
    local_key = home / "local-chain" if env.get("DEEPTRACE_CHAIN") == "local" else None
    return Settings(
        home=home,
        mongodb_uri=env.get("DEEPTRACE_MONGODB_URI") or None,
        mongod=_path(env.get("DEEPTRACE_MONGOD")),
        blobs_url=env.get("DEEPTRACE_BLOBS") or (home / "blobs").as_uri(),
        weights_mirror=_path(env.get("DEEPTRACE_WEIGHTS_MIRROR")),
        detector=env.get("DEEPTRACE_DETECTOR") or "deeptrace-light-1",
        audio_detector=_one_of(env, "DEEPTRACE_AUDIO_DETECTOR", ("aasist", "aasist-l")) or "aasist",
        device=env.get("DEEPTRACE_DEVICE") or None,
        runtime=_one_of(env, "DEEPTRACE_RUNTIME", ("openvino", "torch")),
        precision=_one_of(env, "DEEPTRACE_PRECISION", ("fp32", "int8", "bf16")),
        compiled=env.get("DEEPTRACE_COMPILED") == "yes",
        converted_dir=_path(env.get("DEEPTRACE_CONVERTED")) or home / "converted",
        trust_anchors=_path(env.get("DEEPTRACE_TRUST_ANCHORS")),
        port=int(_number(env, "DEEPTRACE_PORT", 8501, low=1, high=65535)),
        api_tokens_file=_path(env.get("DEEPTRACE_API_TOKENS_FILE")),
        users_file=_path(env.get("DEEPTRACE_USERS_FILE")),
        role_claim=env.get("DEEPTRACE_ROLE_CLAIM") or None,
        role_values=_roles(env),
        without_login=env.get("DEEPTRACE_WITHOUT_LOGIN") == "yes",
        webhook_private=env.get("DEEPTRACE_WEBHOOK_PRIVATE") == "yes",
        max_upload_gb=_number(env, "DEEPTRACE_MAX_UPLOAD_GB", 4, low=0.000001, high=10_000),
        lease_s=_number(env, "DEEPTRACE_LEASE_S", 30, low=1, high=3600),
        retention_days=_number(env, "DEEPTRACE_RETENTION_DAYS", 0, low=0.001, high=36_500) or None,
        chain=env.get("DEEPTRACE_CHAIN") or None,
        chain_rpc=tuple(filter(None, map(str.strip, env.get("DEEPTRACE_CHAIN_RPC", "").split(",")))),
        chain_contract=env.get("DEEPTRACE_CHAIN_CONTRACT") or None,
        chain_explorer=env.get("DEEPTRACE_CHAIN_EXPLORER") or None,
        chain_issuer=env.get("DEEPTRACE_CHAIN_ISSUER") or None,
        chain_tip_floor_gwei=_number(env, "DEEPTRACE_CHAIN_TIP_FLOOR_GWEI", 0, low=0, high=1e6) or None,
        chain_fee_cap_gwei=_number(env, "DEEPTRACE_CHAIN_FEE_CAP_GWEI", 0, low=1e-9, high=1e6) or None,
        keystore=_path(env.get("DEEPTRACE_KEYSTORE")) or (local_key and local_key / "keystore.json"),
        keystore_password_file=_path(env.get("DEEPTRACE_KEYSTORE_PASSWORD_FILE"))
        or (local_key and local_key / "password"),
    )


def _roles(env: Mapping[str, str]) -> Mapping[str, Role]:
    text = env.get("DEEPTRACE_ROLE_VALUES") or ""
    pairs = [pair.rpartition("=") for pair in text.split(",") if pair.strip()]
    try:
        roles = {value.strip(): Role(role.strip()) for value, _, role in pairs}
    except ValueError:
        roles = {"": Role.VIEWER}
    if "" in roles:
        raise SettingsError(f"DEEPTRACE_ROLE_VALUES is {text!r}; it is like: staff=analyst,heads=admin.")
    if bool(roles) != bool(env.get("DEEPTRACE_ROLE_CLAIM")):
        raise SettingsError("DEEPTRACE_ROLE_CLAIM and DEEPTRACE_ROLE_VALUES are set together or not at all.")
    return roles


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = env.get(name) or None
    if value is not None and value not in choices:
        raise SettingsError(f"{name} is {value!r}; it must be one of: {', '.join(choices)}.")
    return value


def _path(value: str | None) -> Path | None:
    return Path(value).expanduser().resolve() if value else None


def _number(env: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise SettingsError(f"{name} is {text!r}, which is not a number from {low:g} to {high:g}.")
    return value
