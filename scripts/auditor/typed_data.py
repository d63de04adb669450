"""The EIP-712 structs that payers and oracles sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_bytes

TIERS = {0: ("personal", 1), 1: ("commercial", 5)}
RULES = ("realised", "declared", "audible", "responsibility", "shapley")
PAYABLE = ("realised", "declared", "audible")
ORDER = (
    ("address", "payer"), ("uint256", "nonce"), ("bytes32", "request"), ("uint256", "maxPrice"),
    ("uint256", "tier"), ("uint256", "use"), ("uint256", "rule"), ("uint256", "deadline"),
)
ATTESTATION = (
    ("bytes32", "set"), ("bytes32", "order"), ("uint256", "price"), ("address", "node"),
    ("uint256", "nodeFee"), ("uint256", "generatedAt"), ("bytes", "entries"),
    ("bytes32", "manifest"),
)
QUORUM = (("uint8", "threshold"), ("address[]", "signers"), ("bytes", "signatures"))
DOMAIN = (
    ("string", "name"), ("string", "version"), ("uint256", "chainId"),
    ("address", "verifyingContract"),
)
Fields = Sequence[tuple[str, str]]


def tuple_type(fields: Fields) -> str:
    return "(" + ",".join(kind for kind, _ in fields) + ")"


def type_text(name: str, fields: Fields) -> str:
    return f"{name}({','.join(' '.join(pair) for pair in fields)})"


def list_hash(name: str, item: str, fields: Fields, structs: Sequence[bytes]) -> bytes:
    """EIP-712 hashStruct of a struct whose only member is a list."""
    kind = f"{name}({item}[] {item.lower()}s)" + type_text(item, fields)
    return keccak(keccak(text=kind) + keccak(b"".join(structs)))


def struct_hash(name: str, fields: Fields, values: Mapping[str, Any]) -> bytes:
    """EIP-712 hashStruct; strings and bytes enter as their keccak."""
    words = [keccak(text=type_text(name, fields))]
    for type_name, key in fields:
        value = values[key]
        if type_name in ("string", "bytes"):
            raw = value.encode() if type_name == "string" else to_bytes(hexstr=value)
            type_name, value = "bytes32", keccak(raw)
        elif type_name == "bytes32":
            value = to_bytes(hexstr=value)
        words.append(encode([type_name], [value]))
    return keccak(b"".join(words))


def domain_hash(chain_id: int, ledger: str) -> bytes:
    values = {"name": "Refrain", "version": "1", "chainId": chain_id, "verifyingContract": ledger}
    return struct_hash("EIP712Domain", DOMAIN, values)


def set_id(threshold: int, signers: Sequence[str]) -> str:
    """The name of a set of oracles."""
    return "0x" + keccak(encode(["uint256", "address[]"], [threshold, signers])).hex()
