"""What an operator sets, read once from REFRAIN_* variables and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from oracle.domain.batch import MOST
from oracle.domain.errors import InvalidInput

Environment = Mapping[str, str]


class Secret:
    """Text that prints as stars."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('********')"

    def __str__(self) -> str:
        return "********" if self._text else ""

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text


@dataclass(frozen=True)
class Listening:
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Pinning:
    """Where files are pinned: `name` of the pinner, and what it needs.

    Args:
        pin_folder: of the folder pinner.
        ipfs_api: URL or multiaddr of a Kubo API; may hold a password.
    """

    name: str
    pin_folder: Path | None
    ipfs_api: str | None = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """An oracle's settings.

    Args:
        rpc: URL of the chain's JSON-RPC; it may hold a key.
        deployment, artifacts: where the contracts are, and their ABIs.
        oracle_key, sender_key: URIs of the keys that attest and that post.
        database: file of this oracle alone.
        nodes: URLs of generation nodes, the preferred first.
        peers: URLs of the other oracles of the set.
        gateway: URL under which pinned files are read; empty when there is none.
        confirmations: blocks before a block counts as closed.
        prices: tier to smallest units a second.
        node_fee_bps: the node's part, 1/10,000.
        max_age: seconds a block may lie behind when it is attested; below the ledger's largest lag.
        batch: generations settled together at most, 1: each by itself; `batch_wait`: seconds that
            the first of them waits for others.
        crash: point and count at which the process kills itself; None outside of crash tests.
    """

    rpc: Secret
    deployment: Path
    artifacts: Path
    oracle_key: str
    sender_key: str
    database: Path
    nodes: tuple[str, ...]
    node_token: Secret
    peers: tuple[str, ...]
    peer_token: Secret
    gateway: str
    pinning: Pinning
    listening: Listening
    confirmations: int
    prices: Mapping[str, int]
    node_fee_bps: int
    max_age: int
    batch: int
    batch_wait: int
    crash: tuple[str, int] | None


def read(environment: Environment) -> Settings:
    """The settings of `serve` and `check`.

    Raises:
        InvalidInput: a variable is missing or wrong; names the variable, and no secret.
    """
    peers = _urls(environment, "REFRAIN_PEERS")
    max_age = _integer(environment, "REFRAIN_MAX_AGE", 900, 1, 10**6)
    longest = max_age // 3
    return Settings(
        rpc=Secret(_url(_needed(environment, "REFRAIN_RPC"), "REFRAIN_RPC", secret=True)),
        deployment=Path(_needed(environment, "REFRAIN_DEPLOYMENT")),
        artifacts=Path(environment.get("REFRAIN_ARTIFACTS") or ".refrain/artifacts"),
        oracle_key=_needed(environment, "REFRAIN_ORACLE_KEY"),
        sender_key=_needed(environment, "REFRAIN_SENDER_KEY"),
        database=Path(_needed(environment, "REFRAIN_DATABASE")),
        nodes=_needed_urls(environment, "REFRAIN_NODES"),
        node_token=Secret(_needed(environment, "REFRAIN_NODE_TOKEN")),
        peers=peers,
        peer_token=_peer_token(environment, peers),
        gateway=_gateway(environment),
        pinning=read_pinning(environment),
        listening=read_listening(environment, 8080),
        confirmations=_integer(environment, "REFRAIN_CONFIRMATIONS", 12, 0, 10_000),
        prices={
            "personal": _integer(environment, "REFRAIN_PRICE_PERSONAL", 10_000, 0, 10**12),
            "commercial": _integer(environment, "REFRAIN_PRICE_COMMERCIAL", 40_000, 0, 10**12),
        },
        node_fee_bps=_integer(environment, "REFRAIN_NODE_FEE_BPS", 1_000, 0, 10_000),
        max_age=max_age,
        batch=_integer(environment, "REFRAIN_BATCH", 1, 1, MOST),
        # Whoever waited must still be young enough to be signed.
        batch_wait=_integer(environment, "REFRAIN_BATCH_WAIT", min(10, longest), 0, longest),
        crash=_crash(environment),
    )


def read_pinning(environment: Environment) -> Pinning:
    """Where files are pinned; all that `gateway` needs besides where it listens."""
    folder = environment.get("REFRAIN_PIN_FOLDER")
    return Pinning(
        name=environment.get("REFRAIN_PINNER") or "folder",
        pin_folder=Path(folder) if folder else None,
        ipfs_api=environment.get("REFRAIN_IPFS_API") or None,
    )


def read_listening(environment: Environment, port: int) -> Listening:
    """Where to listen; `port` unless another is set."""
    return Listening(
        host=environment.get("REFRAIN_HOST") or "127.0.0.1",
        port=_integer(environment, "REFRAIN_PORT", port, 1, 65_535),
    )


def _needed(environment: Environment, name: str) -> str:
    found = environment.get(name, "").strip()
    if not found:
        raise InvalidInput("must be set", field=name)
    return found


def _integer(environment: Environment, name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
        raise InvalidInput(f"must be a whole number from {low} to {high}", field=name, value=text)
    return int(text)


def _url(text: str, name: str, secret: bool = False) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        # What was found is not repeated where it may hold a key.
        value = None if secret else text
        raise InvalidInput("must be an http or https URL", field=name, value=value)
    return text.rstrip("/")


def _urls(environment: Environment, name: str) -> tuple[str, ...]:
    listed = [item.strip() for item in environment.get(name, "").split(",") if item.strip()]
    found = tuple(_url(item, f"{name}[{index}]") for index, item in enumerate(listed))
    if len(set(found)) != len(found):
        raise InvalidInput("names one URL twice", field=name, value=",".join(found))
    return found


def _needed_urls(environment: Environment, name: str) -> tuple[str, ...]:
    _needed(environment, name)
    return _urls(environment, name)


def _gateway(environment: Environment) -> str:
    found = environment.get("REFRAIN_GATEWAY", "").strip()
    return _url(found, "REFRAIN_GATEWAY") if found else ""


def _peer_token(environment: Environment, peers: tuple[str, ...]) -> Secret:
    # Without peers nobody is let in, so none is needed.
    if peers:
        return Secret(_needed(environment, "REFRAIN_PEER_TOKEN"))
    return Secret(environment.get("REFRAIN_PEER_TOKEN", "").strip())


def _crash(environment: Environment) -> tuple[str, int] | None:
    text = environment.get("REFRAIN_CRASH", "").strip()
    if not text:
        return None
    point, _, times = text.rpartition(":")
    if not point or not times.isdigit() or int(times) < 1:
        raise InvalidInput("must be <point>:<n>, n from 1", field="REFRAIN_CRASH", value=text)
    return point, int(times)
