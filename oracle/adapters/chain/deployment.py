"""Where on which chain the contracts are: the deployment file that `scripts/deploy.py` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils import is_checksum_address

from oracle.domain import canonical, fields
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import InvalidInput

_KEYS = (
    "chainId", "token", "splits", "ledger", "block", "set", "authority", "timelock", "modules",
    "window", "court", "pool", "lens",
)  # fmt: skip
_MODULES = ("catalogue", "settlement", "oversight", "purse")
LONGEST_WINDOW = 90 * 86_400


@dataclass(frozen=True)
class Modules:
    """The contracts whose code a ledger runs on its own storage."""

    catalogue: str
    settlement: str
    oversight: str
    purse: str


@dataclass(frozen=True)
class Deployment:
    """One ledger and what belongs to it; addresses in EIP-55.

    Args:
        splits: the tables of holders.
        block: where its history begins.
        oracle_set: the first set of oracles.
        authority: the access manager that says who may call what.
        timelock: the access manager's only admin.
        window: seconds of a dispute epoch.
        court: where settlements are challenged.
        pool: what divides the training pool.
        lens: views for whoever looks on.
    """

    chain_id: int
    token: str
    splits: str
    ledger: str
    block: int
    oracle_set: OracleSet
    authority: str
    timelock: str
    modules: Modules
    window: int
    court: str
    pool: str
    lens: str

    def to_json(self) -> dict[str, Any]:
        signers = list(self.oracle_set.signers)
        return {
            "chainId": self.chain_id, "token": self.token, "splits": self.splits,
            "ledger": self.ledger, "block": self.block,
            "set": {"threshold": self.oracle_set.threshold, "signers": signers},
            "authority": self.authority, "timelock": self.timelock,
            "modules": vars(self.modules), "window": self.window,
            "court": self.court, "pool": self.pool, "lens": self.lens,
        }  # fmt: skip

    def write(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        draft = path.with_name(path.name + ".part")
        draft.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        draft.replace(path)


def load(path: Path) -> Deployment:
    """Reads a deployment file.

    Raises:
        InvalidInput: missing, not JSON, or a field is wrong; names the field.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise InvalidInput(reason, field="deployment", value=path) from error
    return parse(canonical.loads(data))


def parse(value: Any) -> Deployment:
    """A deployment from parsed JSON; every key is required and no other is allowed."""
    found = fields.mapping(value, "deployment", _KEYS)
    return Deployment(
        chain_id=fields.integer(found["chainId"], "deployment.chainId", 1, fields.UINT64_MAX),
        token=address(found["token"], "deployment.token"),
        splits=address(found["splits"], "deployment.splits"),
        ledger=address(found["ledger"], "deployment.ledger"),
        block=fields.integer(found["block"], "deployment.block", 0, fields.UINT64_MAX),
        oracle_set=parse_set(found["set"], "deployment.set"),
        authority=address(found["authority"], "deployment.authority"),
        timelock=address(found["timelock"], "deployment.timelock"),
        modules=_modules(found["modules"]),
        window=fields.integer(found["window"], "deployment.window", 1, LONGEST_WINDOW),
        court=address(found["court"], "deployment.court"),
        pool=address(found["pool"], "deployment.pool"),
        lens=address(found["lens"], "deployment.lens"),
    )


def _modules(value: Any) -> Modules:
    found = fields.mapping(value, "deployment.modules", _MODULES)
    return Modules(*(address(found[name], f"deployment.modules.{name}") for name in _MODULES))


def parse_set(value: Any, field: str) -> OracleSet:
    """An oracle set: strictly ascending signers, threshold from 1 to their number."""
    found = fields.mapping(value, field, ("threshold", "signers"))
    listed = fields.listing(found["signers"], f"{field}.signers", 1, 255)
    signers = [address(item, f"{field}.signers[{i}]") for i, item in enumerate(listed)]
    if signers != sorted(set(signers), key=lambda signer: int(signer, 16)):
        raise InvalidInput("must be strictly ascending", field=f"{field}.signers")
    limit = len(signers)
    return OracleSet(
        fields.integer(found["threshold"], f"{field}.threshold", 1, limit), tuple(signers)
    )


def address(value: Any, field: str) -> str:
    """An EIP-55 address; a wrong checksum is a typing error that would lose money."""
    text = fields.address(value, field)
    if not is_checksum_address(text):
        raise InvalidInput("must be an address with its EIP-55 checksum", field=field, value=text)
    return text
