"""The node's settings, read once from environment variables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from generator.node.room import MIB
from generator.sandbox.limits import TaskLimits
from oracle.adapters.chain.deployment import Deployment, address, load
from oracle.domain.environment import (
    Environment,
    integer,
    needed,
    optional,
    path_of,
    port,
    public_url,
    url,
)
from oracle.domain.secret import Secret
from oracle.http.connections import Limits, read_limits
from oracle.http.front import Front, read_front


@dataclass(frozen=True)
class Settings:
    """A generation node's settings.

    Args:
        rpc: URL of the chain's JSON-RPC; it may hold a key.
        rpc_token: bearer token for it; empty for none.
        deployment: the ledger.
        vault: folder of audio, analyses and jobs.
        payee: EIP-55 address that receives the node's fee.
        checkpoint: file of CLAP weights, or None.
        host, port: where to listen.
        limits: of the connections of clients.
        url: under which the oracles know this node; they sign it with every request.
        front: how clients reach it. It has no origins, because a node is not for web pages.
        worker: what one task of an engine may use, and the caches of the engines.
        vault_size: bytes of recordings that the vault holds at most.
        disk_free: bytes of the disk that uploads leave free.
    """

    rpc: Secret
    rpc_token: Secret
    deployment: Deployment
    vault: Path
    payee: str
    checkpoint: Path | None
    host: str
    port: int
    limits: Limits
    url: str
    front: Front
    worker: TaskLimits
    vault_size: int
    disk_free: int


def read(environment: Environment) -> Settings:
    """Read the settings from REFRAIN_* variables.

    Raises:
        InvalidInput: a variable is missing or wrong; names the variable, never a secret.
    """
    host, number = optional(environment, "REFRAIN_HOST", "127.0.0.1"), _port(environment)
    own = public_url(environment, "REFRAIN_URL", host, number)
    return Settings(
        rpc=Secret(url(needed(environment, "REFRAIN_RPC"), "REFRAIN_RPC", secret=True)),
        rpc_token=Secret(optional(environment, "REFRAIN_RPC_TOKEN")),
        deployment=_deployment(environment),
        vault=path_of(needed(environment, "REFRAIN_VAULT"), "REFRAIN_VAULT"),
        payee=address(needed(environment, "REFRAIN_NODE_PAYEE"), "REFRAIN_NODE_PAYEE"),
        checkpoint=checkpoint(environment),
        host=host,
        port=number,
        url=own,
        limits=read_limits(environment),
        front=replace(read_front(environment, own), origins=()),
        worker=_worker(environment),
        vault_size=_mebibytes(environment, "REFRAIN_VAULT_SIZE", 100 * 1024, 100),
        disk_free=_mebibytes(environment, "REFRAIN_DISK_FREE", 1024, 0),
    )


def _worker(environment: Environment) -> TaskLimits:
    return TaskLimits(
        memory=_mebibytes(environment, "REFRAIN_WORKER_MEMORY", 8 * 1024, 1024),
        seconds=integer(environment, "REFRAIN_WORKER_SECONDS", 900, 30, 86_400),
        cache=_mebibytes(environment, "REFRAIN_CACHE_SIZE", 50 * 1024, 1024),
    )


def _mebibytes(environment: Environment, name: str, default: int, low: int) -> int:
    """A size in MiB, as bytes."""
    return MIB * integer(environment, name, default, low, 1 << 30)


def checkpoint(environment: Environment) -> Path | None:
    """The path of the CLAP checkpoint, or None; does not check that the file exists."""
    found = optional(environment, "REFRAIN_CLAP_CHECKPOINT")
    return path_of(found, "REFRAIN_CLAP_CHECKPOINT") if found else None


def _deployment(environment: Environment) -> Deployment:
    name = "REFRAIN_DEPLOYMENT"
    return load(path_of(needed(environment, name), name), field=name)


def _port(environment: Environment) -> int:
    return port(environment, "REFRAIN_PORT", 8090)
