"""Signatures over secp256k1 in the forms that we accept, one for each who signs.

Payers and owners: 65 bytes r, s, v with s in the lower half and v 27 or 28, as wallets make them.
Oracles: the same in 64 bytes (EIP-2098), the parity of v in the top bit of s, which is free where s
is low. Libraries take more than that (high s, v of 0 or 1), so one statement would have several
signatures; nothing here does.
"""

from __future__ import annotations

from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature, ValidationError

from oracle.domain.errors import InvalidInput

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of the group secp256k1; scalars are 1 to ORDER - 1."""

LENGTH = 65
COMPACT = 64
_V = 27
_PARITY = 255


def sign(key: PrivateKey, digest: bytes) -> bytes:
    """The signature of a 32-byte digest, 65 bytes, low s, v 27 or 28.

    Raises:
        RuntimeError: the digest is not 32 bytes; the caller passed something unhashed.
    """
    if len(digest) != 32:
        raise RuntimeError(f"a digest has 32 bytes, got {len(digest)}")
    made = key.sign_msg_hash(digest)
    return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([made.v + _V])


def recover(digest: bytes, signature: bytes) -> str:
    """The EIP-55 address whose key made `signature` over the 32-byte `digest`.

    A signature by another key over other data also recovers to *some* address: compare it.

    Raises:
        InvalidInput: another length, v not 27 or 28, r or s out of range, high s, no such point.
    """
    r, s, v = parts(signature)
    try:
        public = Signature(vrs=(v - _V, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError, ValueError) as error:
        raise InvalidInput("recovers to no key", field="signature") from error
    return str(public.to_checksum_address())


def parts(signature: bytes) -> tuple[int, int, int]:
    """(r, s, v) of a signature in the accepted form; see `recover` for what is refused."""
    if len(signature) != LENGTH:
        raise InvalidInput("must be 65 bytes", field="signature", value=len(signature))
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    v = signature[64]
    if v not in (_V, _V + 1):
        raise InvalidInput("must end in v 27 or 28", field="signature", value=v)
    if not 0 < r < ORDER or not 0 < s < ORDER:
        raise InvalidInput("has r or s out of range", field="signature")
    if s > ORDER // 2:
        raise InvalidInput("has s in the upper half", field="signature")
    return r, s, v


def compact(signature: bytes) -> bytes:
    """A signature of 65 bytes in the 64 of EIP-2098; see `recover` for what is refused."""
    r, s, v = parts(signature)
    return r.to_bytes(32, "big") + (s | (v - _V) << _PARITY).to_bytes(32, "big")


def expand(signature: bytes) -> bytes:
    """The 65 bytes of a compact signature.

    Raises:
        InvalidInput: it has another length than 64.
    """
    if len(signature) != COMPACT:
        raise InvalidInput("must be 64 bytes", field="signature", value=len(signature))
    second = int.from_bytes(signature[32:], "big")
    parity, s = second >> _PARITY, second & (1 << _PARITY) - 1
    return signature[:32] + s.to_bytes(32, "big") + bytes([_V + parity])


def from_hex(text: str, field: str = "signature", length: int = LENGTH) -> bytes:
    """The bytes of a signature in 0x-hex, either case: wallets differ, the bytes do not."""
    digits = text[2:] if isinstance(text, str) and text.startswith("0x") else ""
    try:
        raw = bytes.fromhex(digits) if len(digits) == 2 * length else b""
    except ValueError:
        raw = b""
    if len(raw) != length:
        raise InvalidInput(f"must be {length} bytes in 0x-hex", field=field, value=text)
    return raw
