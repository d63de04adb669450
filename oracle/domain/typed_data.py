"""EIP-712 messages of one ledger: the signing domain, and what wallets take to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAME = "Refrain"
VERSION = "1"

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True)
class SigningDomain:
    """Binds a signature to one contract on one chain. `ledger` is an EIP-55 address."""

    chain_id: int
    ledger: str

    def to_json(self) -> dict[str, Any]:
        """The domain as typed data holds it."""
        return {
            "name": NAME,
            "version": VERSION,
            "chainId": self.chain_id,
            "verifyingContract": self.ledger,
        }


def parse(type_text: str) -> tuple[str, list[dict[str, str]]]:
    """``Name(type member,...)`` to the name and ``[{"name", "type"}, ...]``."""
    name, _, rest = type_text.rstrip(")").partition("(")
    pairs = [member.split(" ") for member in rest.split(",")]
    return name, [{"name": member, "type": kind} for kind, member in pairs]


def typed_data(domain: SigningDomain, type_text: str, message: dict[str, Any]) -> dict[str, Any]:
    """A message of one type as wallets and `eth_account` take it."""
    name, members = parse(type_text)
    return {
        "domain": domain.to_json(),
        "types": {"EIP712Domain": parse(DOMAIN)[1], name: members},
        "primaryType": name,
        "message": message,
    }
