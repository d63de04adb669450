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

_KEYS = ("chainId", "token", "splits", "ledger", "block", "set")


@dataclass(frozen=True)
class Deployment:
    """One ledger and what belongs to it. `block`: where its history begins."""

    chain_id: int
    token: str
    splits: str
    ledger: str
    block: int
    oracle_set: OracleSet

    def to_json(self) -> dict[str, Any]:
        signers = list(self.oracle_set.signers)
        return {
            "chainId": self.chain_id, "token": self.token, "splits": self.splits,
            "ledger": self.ledger, "block": self.block,
            "set": {"threshold": self.oracle_set.threshold, "signers": signers},
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
    )


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
