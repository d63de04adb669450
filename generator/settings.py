"""What an operator can set, read once from the environment and passed from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oracle.domain import canonical, fields
from oracle.domain.errors import InvalidInput

SHORTEST_TOKEN = 16
"""Characters of the bearer token; fewer can be guessed over a network."""


class Secret:
    """Text that prints as stars."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret('********')"

    def __str__(self) -> str:
        return "********" if self._value else ""

    def reveal(self) -> str:
        """The text itself, for the one place that compares it."""
        return self._value


@dataclass(frozen=True)
class Deployment:
    """Which ledger this node serves. `block`: where its history begins."""

    chain_id: int
    ledger: str
    block: int


@dataclass(frozen=True)
class Settings:
    """A generation node's settings.

    Args:
        rpc: URL of the chain's JSON-RPC; it may hold a key.
        deployment: the ledger.
        vault: folder of audio, analyses and jobs.
        payee: EIP-55 address that is paid the node's fee.
        token: what oracles show to be let in.
        checkpoint: CLAP weights, or None.
        host, port: where to listen.
    """

    rpc: Secret
    deployment: Deployment
    vault: Path
    payee: str
    token: Secret
    checkpoint: Path | None
    host: str
    port: int


def read(environment: Mapping[str, str]) -> Settings:
    """The settings in REFRAIN_* variables.

    Raises:
        InvalidInput: a variable is missing or wrong; names the variable, never a secret.
    """
    return Settings(
        rpc=Secret(_url(environment)),
        deployment=read_deployment(Path(_needed(environment, "REFRAIN_DEPLOYMENT"))),
        vault=Path(_needed(environment, "REFRAIN_VAULT")),
        payee=_address(_needed(environment, "REFRAIN_NODE_PAYEE"), "REFRAIN_NODE_PAYEE"),
        token=_token(environment),
        checkpoint=checkpoint(environment),
        host=environment.get("REFRAIN_HOST") or "127.0.0.1",
        port=_port(environment.get("REFRAIN_PORT") or "8090"),
    )


def checkpoint(environment: Mapping[str, str]) -> Path | None:
    """Where the CLAP checkpoint is said to be; whether it is there is another question."""
    found = environment.get("REFRAIN_CLAP_CHECKPOINT")
    return Path(found) if found else None


def read_deployment(path: Path) -> Deployment:
    """The ledger in a deployment file. Raises InvalidInput as `read` does."""
    try:
        found = canonical.loads(path.read_bytes())
    except OSError as error:
        detail = f"cannot be read: {error.strerror}"
        raise InvalidInput(detail, field="REFRAIN_DEPLOYMENT", value=path) from error
    if not isinstance(found, dict):
        raise InvalidInput("must be an object", field="deployment", value=json.dumps(found))
    return Deployment(
        chain_id=fields.integer(found.get("chainId"), "deployment.chainId", 1, fields.UINT64_MAX),
        ledger=_address(found.get("ledger"), "deployment.ledger"),
        block=fields.integer(found.get("block"), "deployment.block", 0, fields.UINT64_MAX),
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    found = environment.get(name)
    if not found:
        raise InvalidInput("must be set", field=name)
    return found


def _url(environment: Mapping[str, str]) -> str:
    found = _needed(environment, "REFRAIN_RPC")
    if not found.startswith(("http://", "https://")):
        raise InvalidInput("must be an http or https URL", field="REFRAIN_RPC")
    return found


def _token(environment: Mapping[str, str]) -> Secret:
    found = _needed(environment, "REFRAIN_NODE_TOKEN")
    if len(found) < SHORTEST_TOKEN:
        detail = f"must have at least {SHORTEST_TOKEN} characters"
        raise InvalidInput(detail, field="REFRAIN_NODE_TOKEN", value=f"{len(found)} characters")
    return Secret(found)


def _address(value: object, field: str) -> str:
    from eth_utils import is_checksum_address

    text = fields.address(value, field)
    if not is_checksum_address(text):
        raise InvalidInput("must be an address with its EIP-55 checksum", field=field, value=text)
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise InvalidInput("must be a port from 1 to 65535", field="REFRAIN_PORT", value=text)
    return int(text)
