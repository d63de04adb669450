"""The node's settings, read once from environment variables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from oracle.adapters.chain.deployment import Deployment, address, load
from oracle.domain.environment import Environment, needed, optional, path_of, port, public_url, url
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
    )


def checkpoint(environment: Environment) -> Path | None:
    """The path of the CLAP checkpoint, or None; does not check that the file exists."""
    found = optional(environment, "REFRAIN_CLAP_CHECKPOINT")
    return path_of(found, "REFRAIN_CLAP_CHECKPOINT") if found else None


def _deployment(environment: Environment) -> Deployment:
    name = "REFRAIN_DEPLOYMENT"
    return load(path_of(needed(environment, name), name), field=name)


def _port(environment: Environment) -> int:
    return port(environment, "REFRAIN_PORT", 8090)
