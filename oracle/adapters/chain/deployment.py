"""The deployment file that `scripts/deploy` writes: the chain and each contract's address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils import is_checksum_address

from oracle.domain import canonical, fields
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import InvalidInput
from oracle.domain.release import FINALIZED, Release, parse_release

_KEYS = (
    "chainId", "token", "splits", "ledger", "block", "set", "authority", "timelock", "modules",
    "window", "court", "pool", "lens",
)  # fmt: skip
_LATER = ("release", "releaseAbove", "blockSeconds")
"""Keys that older files lack. Such a file is read strictly, see `_with_later_keys`."""

_MODULES = ("catalogue", "settlement", "oversight", "purse")
LONGEST_WINDOW = 90 * 86_400
SLOWEST_BLOCK = 3_600
ETHEREUM_BLOCK = 12
STRICT = Release()


@dataclass(frozen=True)
class Modules:
    """Addresses of the modules, whose code a ledger runs on its own storage."""

    catalogue: str
    settlement: str
    oversight: str
    purse: str


@dataclass(frozen=True)
class Deployment:
    """One ledger and the contracts that belong to it; addresses in EIP-55.

    Args:
        splits: contract with the tables of payees.
        block: first block of the ledger's history.
        oracle_set: the first set of oracles.
        authority: access manager that holds the roles.
        timelock: the access manager's only admin.
        window: length of a dispute epoch in seconds.
        court: contract for challenges of settlements.
        pool: contract that divides the training pool.
        lens: contract with views for readers.
        release: when a settlement on this chain counts as final.
        block_seconds: longest usual time between two blocks; 0 on a chain that makes blocks only
            for transactions, such as a development chain.
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
    release: Release = STRICT
    block_seconds: int = ETHEREUM_BLOCK

    def to_json(self) -> dict[str, Any]:
        """The content of the file."""
        signers = list(self.oracle_set.signers)
        return {
            "chainId": self.chain_id, "token": self.token, "splits": self.splits,
            "ledger": self.ledger, "block": self.block,
            "set": {"threshold": self.oracle_set.threshold, "signers": signers},
            "authority": self.authority, "timelock": self.timelock,
            "modules": vars(self.modules), "window": self.window,
            "court": self.court, "pool": self.pool, "lens": self.lens,
            "release": self.release.rule, "releaseAbove": str(self.release.above),
            "blockSeconds": self.block_seconds,
        }  # fmt: skip

    def keeps(self, address: str) -> str:
        """Which contract that never passes on what is paid to it has an address; else empty."""
        parts = ("token", "splits", "ledger", "authority", "court", "lens")
        found = {getattr(self, part): part for part in parts}
        found |= {module: f"module {name}" for name, module in vars(self.modules).items()}
        return found.get(address, "")

    def write(self, path: Path) -> None:
        """Writes the file completely or not at all."""
        draft = path.with_name(path.name + ".part")
        draft.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        draft.replace(path)


def load(path: Path, field: str = "deployment") -> Deployment:
    """Reads a deployment file.

    Args:
        field: what named the file, for the error when it cannot be read.

    Raises:
        InvalidInput: the file is missing or not JSON, or a field is wrong; names the field.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise InvalidInput(reason, field=field, value=path) from error
    return parse(canonical.loads(data))


def parse(value: Any) -> Deployment:
    """A deployment from parsed JSON; every key is required and no other is allowed.

    A file from before the release rule may lack its keys: then a settlement counts only in a
    finalized block, and the chain must make a block every 12 seconds.
    """
    found = fields.mapping(_with_later_keys(value), "deployment", (*_KEYS, *_LATER))
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
        release=parse_release(found["release"], found["releaseAbove"], "deployment"),
        block_seconds=fields.integer(
            found["blockSeconds"], "deployment.blockSeconds", 0, SLOWEST_BLOCK
        ),
    )


def _with_later_keys(value: Any) -> Any:
    strict = {"release": FINALIZED, "releaseAbove": "0", "blockSeconds": ETHEREUM_BLOCK}
    older = isinstance(value, dict) and not strict.keys() & value.keys()
    return strict | value if older else value


def _modules(value: Any) -> Modules:
    found = fields.mapping(value, "deployment.modules", _MODULES)
    return Modules(*(address(found[name], f"deployment.modules.{name}") for name in _MODULES))


def parse_set(value: Any, field: str) -> OracleSet:
    """An oracle set: strictly ascending signers, and a threshold from 1 to their number."""
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
    """An EIP-55 address. A wrong checksum is refused, because a typing error loses money."""
    text = fields.address(value, field)
    if not is_checksum_address(text):
        raise InvalidInput("must be an address with its EIP-55 checksum", field=field, value=text)
    return text
