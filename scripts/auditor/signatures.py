"""Signatures: who signed, and how a quorum packs its signatures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from eth_account import Account
from eth_account.messages import SignableMessage
from eth_keys.exceptions import BadSignature, ValidationError
from eth_utils import to_checksum_address

SECP256K1_HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def widened(signature: bytes) -> bytes:
    """Expands a signature of 64 bytes (EIP-2098) to 65; returns any other unchanged."""
    if len(signature) != 64:
        return signature
    parity, s = divmod(int.from_bytes(signature[32:], "big"), 2**255)
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + parity])


@lru_cache(maxsize=4_096)
def signer(domain: bytes, struct: bytes, signature: bytes) -> str:
    """The signer of 64 bytes (EIP-2098) or 65, or "nobody" with the reason.

    The ledger rejects a high s, and a v other than 27 and 28.
    """
    signature = widened(signature)
    if len(signature) != 65:
        return f"nobody: {len(signature)} bytes"
    if int.from_bytes(signature[32:64], "big") > SECP256K1_HALF:
        return "nobody: s is high"
    if signature[64] not in (27, 28):
        return f"nobody: v is {signature[64]}"
    try:
        message = SignableMessage(b"\x01", domain, struct)
        return str(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return "nobody: no key gives this"


def quorum_items(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """The signatures of a quorum: (address, bytes) of a contract, ("", bytes) of a key."""
    at = 0
    while at < len(packed):
        first, length = (int.from_bytes(packed[at + i:at + i + 32], "big") for i in (0, 32))
        contract = at + 64 <= len(packed) and first < 2**160
        end = at + 64 + (length if contract else 0)
        name = to_checksum_address(f"0x{first:040x}") if contract else ""
        yield name, packed[at + 64 if contract else at:end]
        at = end
