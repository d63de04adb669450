"""The operator's settings, read once from REFRAIN_* variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from oracle.domain.access import without_user
from oracle.domain.batch import MOST
from oracle.domain.environment import (
    Environment,
    integer,
    listed,
    needed,
    optional,
    path_of,
    port,
    public_url,
    url,
)
from oracle.domain.errors import InvalidInput
from oracle.domain.request import LONGEST
from oracle.domain.secret import Secret
from oracle.http.connections import Limits, read_limits
from oracle.http.front import Front, read_front

MOST_SIGNERS = 255
"""Most oracles of a set."""


@dataclass(frozen=True)
class Listening:
    """The address and port that a server listens on, its limits, and how clients reach it."""

    host: str
    port: int
    limits: Limits
    front: Front


@dataclass(frozen=True)
class Pinning:
    """The pinner and its settings.

    Args:
        name: `folder` or `kubo`.
        pin_folder: folder of the folder pinner.
        ipfs_api: URL or multiaddr of a Kubo API; may contain a password.
        ipfs_token: bearer token for it; empty for none.
    """

    name: str
    pin_folder: Path | None
    ipfs_api: str | None = field(repr=False)
    ipfs_token: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True)
class Withholding:
    """What happens to audio and trace before and after the settlement.

    Args:
        folder: folder of this oracle only, for files of generations that are not paid.
        keep_unpaid: seconds that files of a generation that ended without payment are kept.
        copies: number of oracles that must have pinned a paid track; None for all of the set.
    """

    folder: Path
    keep_unpaid: int
    copies: int | None


@dataclass(frozen=True)
class Settings:
    """An oracle's settings.

    Args:
        rpc: URL of the chain's JSON-RPC; it may contain a key.
        rpc_token: bearer token for it; empty for none.
        deployment: file with the contracts' addresses.
        oracle_key, sender_key: URIs of the keys that attest and that post.
        database: file of this oracle only.
        nodes: URLs of generation nodes, in order of preference.
        peers: URLs of the other oracles of the set.
        url: under which the other oracles know this one; they sign it with every request.
        lease: seconds for which a reservation holds before its leader renews it.
        gateway: URL of the gateway that serves pinned files; empty when there is none.
        confirmations: blocks on top of a block before it counts as closed.
        prices: tier to smallest units for each second.
        node_fee_bps: the node's part, 1/10,000.
        least_price: the lowest price that is accepted, smallest units.
        unpaid_seconds: seconds of tracks that may be made for a payer and not be paid yet.
        max_age: largest age of an attested block, in seconds; below the ledger's largest lag.
        batch: largest number of generations settled together; 1 settles each alone.
        batch_wait: seconds that the first generation of a batch waits for others.
        crash: fault point and count at which the process kills itself; None outside crash tests.
    """

    rpc: Secret
    rpc_token: Secret
    deployment: Path
    oracle_key: str
    sender_key: str
    database: Path
    nodes: tuple[str, ...]
    peers: tuple[str, ...]
    url: str
    lease: int
    gateway: str
    pinning: Pinning
    withholding: Withholding
    listening: Listening
    confirmations: int
    prices: Mapping[str, int]
    node_fee_bps: int
    least_price: int
    unpaid_seconds: int
    max_age: int
    batch: int
    batch_wait: int
    crash: tuple[str, int] | None


def read(environment: Environment) -> Settings:
    """The settings of `serve` and `check`.

    Raises:
        InvalidInput: a variable is missing or wrong; names the variable and never a secret.
    """
    listening = read_listening(environment, 8080, "REFRAIN_URL")
    max_age = integer(environment, "REFRAIN_MAX_AGE", 900, 1, 10**6)
    longest = max_age // 3
    return Settings(
        rpc=Secret(url(needed(environment, "REFRAIN_RPC"), "REFRAIN_RPC", secret=True)),
        rpc_token=Secret(optional(environment, "REFRAIN_RPC_TOKEN")),
        deployment=_path(environment, "REFRAIN_DEPLOYMENT"),
        oracle_key=needed(environment, "REFRAIN_ORACLE_KEY"),
        sender_key=needed(environment, "REFRAIN_SENDER_KEY"),
        database=_path(environment, "REFRAIN_DATABASE"),
        nodes=_needed_urls(environment, "REFRAIN_NODES"),
        peers=_urls(environment, "REFRAIN_PEERS"),
        url=public_url(environment, "REFRAIN_URL", listening.host, listening.port),
        lease=integer(environment, "REFRAIN_LEASE", 30, 2, 600),
        gateway=_gateway(environment),
        pinning=read_pinning(environment),
        withholding=_withholding(environment),
        listening=listening,
        confirmations=integer(environment, "REFRAIN_CONFIRMATIONS", 12, 0, 10_000),
        prices={
            "personal": integer(environment, "REFRAIN_PRICE_PERSONAL", 10_000, 0, 10**12),
            "commercial": integer(environment, "REFRAIN_PRICE_COMMERCIAL", 40_000, 0, 10**12),
        },
        node_fee_bps=integer(environment, "REFRAIN_NODE_FEE_BPS", 1_000, 0, 10_000),
        least_price=integer(environment, "REFRAIN_LEAST_PRICE", 0, 0, 10**15),
        unpaid_seconds=integer(environment, "REFRAIN_UNPAID_SECONDS", 600, LONGEST, 10**6),
        max_age=max_age,
        batch=integer(environment, "REFRAIN_BATCH", 1, 1, MOST),
        # A block that waited this long must still be young enough to be signed.
        batch_wait=integer(environment, "REFRAIN_BATCH_WAIT", min(10, longest), 0, longest),
        crash=_crash(environment),
    )


def read_pinning(environment: Environment) -> Pinning:
    """The settings of the pinner; the gateway needs only these and `read_listening`."""
    folder = environment.get("REFRAIN_PIN_FOLDER")
    return Pinning(
        name=environment.get("REFRAIN_PINNER") or "folder",
        pin_folder=path_of(folder, "REFRAIN_PIN_FOLDER") if folder else None,
        ipfs_api=environment.get("REFRAIN_IPFS_API") or None,
        ipfs_token=Secret(optional(environment, "REFRAIN_IPFS_TOKEN")),
    )


def _path(environment: Environment, name: str) -> Path:
    return path_of(needed(environment, name), name)


def _withholding(environment: Environment) -> Withholding:
    default = needed(environment, "REFRAIN_DATABASE") + ".withheld"
    folder = path_of(optional(environment, "REFRAIN_WITHHELD", default), "REFRAIN_WITHHELD")
    _require_apart(folder, read_pinning(environment).pin_folder)
    copies = integer(environment, "REFRAIN_COPIES", 0, 1, MOST_SIGNERS)
    return Withholding(
        folder=folder,
        keep_unpaid=integer(environment, "REFRAIN_KEEP_UNPAID", 86_400, 0, 10**9),
        copies=copies or None,
    )


def _require_apart(withheld: Path, pins: Path | None) -> None:
    """Files below the pinner's folder may be public, for example by a web server."""
    if pins is not None and withheld.resolve().is_relative_to(pins.resolve()):
        detail = "must lie outside of REFRAIN_PIN_FOLDER"
        raise InvalidInput(detail, field="REFRAIN_WITHHELD", value=withheld)


def read_listening(environment: Environment, default_port: int, known_as: str = "") -> Listening:
    """Where and with which limits to listen.

    Args:
        default_port: unless the environment has one.
        known_as: the variable with the server's public URL, if it has one.
    """
    return Listening(
        host=optional(environment, "REFRAIN_HOST", "127.0.0.1"),
        port=port(environment, "REFRAIN_PORT", default_port),
        limits=read_limits(environment),
        front=read_front(environment, optional(environment, known_as) if known_as else ""),
    )


def _urls(environment: Environment, name: str) -> tuple[str, ...]:
    found = tuple(url(item, field) for item, field in listed(environment, name))
    if len(set(found)) != len(found):
        shown = ",".join(without_user(item) for item in found)
        raise InvalidInput("names one URL twice", field=name, value=shown)
    return found


def _needed_urls(environment: Environment, name: str) -> tuple[str, ...]:
    needed(environment, name)
    return _urls(environment, name)


def _gateway(environment: Environment) -> str:
    found = optional(environment, "REFRAIN_GATEWAY")
    return url(found, "REFRAIN_GATEWAY") if found else ""


def _crash(environment: Environment) -> tuple[str, int] | None:
    text = optional(environment, "REFRAIN_CRASH")
    if not text:
        return None
    point, _, times = text.rpartition(":")
    if not point or not times.isdigit() or int(times) < 1:
        raise InvalidInput("must be <point>:<n>, n from 1", field="REFRAIN_CRASH", value=text)
    return point, int(times)
