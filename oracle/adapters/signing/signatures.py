"""secp256k1 signatures in the two accepted forms.

Payers and owners: 65 bytes r, s, v with s in the lower half and v 27 or 28, as wallets make them.
Oracles: the same in 64 bytes (EIP-2098), with the parity of v in the top bit of s, which a low s
leaves free. Libraries accept more forms (high s, v of 0 or 1), so that one statement has several
signatures; this module accepts one. `normal` converts the forms that wallets make.
"""

from __future__ import annotations

from functools import lru_cache

from coincurve import PrivateKey, PublicKey
from eth_utils import keccak, to_checksum_address

from oracle.domain.errors import InvalidInput

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of the group secp256k1; scalars are 1 to ORDER - 1."""

LENGTH = 65
COMPACT = 64
_V = 27
_PARITY = 255


def sign(key: PrivateKey, digest: bytes) -> bytes:
    """The signature of a 32-byte digest, 65 bytes, low s, v 27 or 28.

    Raises:
        RuntimeError: the digest is not 32 bytes: the caller passed data that is not hashed.
    """
    if len(digest) != 32:
        raise RuntimeError(f"a digest has 32 bytes, got {len(digest)}")
    made = key.sign_recoverable(digest, hasher=None)
    return made[:COMPACT] + bytes([made[COMPACT] + _V])


def recover(digest: bytes, signature: bytes) -> str:
    """The EIP-55 address whose key made `signature` over the 32-byte `digest`.

    A signature of other data also recovers to *some* address, so the caller must compare it.

    Raises:
        InvalidInput: another length, v not 27 or 28, r or s out of range, high s, or no point.
    """
    v = parts(signature)[2]
    try:
        sent = signature[:COMPACT] + bytes([v - _V])
        public = PublicKey.from_signature_and_message(sent, digest, hasher=None)
    except ValueError as error:
        raise InvalidInput("does not recover to a key", field="signature") from error
    return address_of(public.format(compressed=False))


@lru_cache(maxsize=4_096)
def address_of(public: bytes) -> str:
    """The EIP-55 address of an uncompressed public key."""
    return str(to_checksum_address(keccak(public[1:])[-20:]))


def parts(signature: bytes) -> tuple[int, int, int]:
    """(r, s, v) of a signature of 65 bytes. Raises as `recover`."""
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
    """The 64 bytes (EIP-2098) of a signature of 65 bytes. Raises as `recover`."""
    r, s, v = parts(signature)
    return r.to_bytes(32, "big") + (s | (v - _V) << _PARITY).to_bytes(32, "big")


def expand(signature: bytes) -> bytes:
    """The 65 bytes of a compact signature.

    Raises:
        InvalidInput: the length is not 64.
    """
    if len(signature) != COMPACT:
        raise InvalidInput("must be 64 bytes", field="signature", value=len(signature))
    second = int.from_bytes(signature[32:], "big")
    parity, s = second >> _PARITY, second & (1 << _PARITY) - 1
    return signature[:32] + s.to_bytes(32, "big") + bytes([_V + parity])


def normal(signature: bytes) -> bytes:
    """The one accepted form, 65 bytes with v 27 or 28, of a signature in any form of one key.

    Some wallets make v 0 or 1, or 64 bytes (EIP-2098). All of these are one signature, so they
    become one before anything stores or compares them.

    Raises:
        InvalidInput: another length, another v, r or s out of range, or s in the upper half.
    """
    if len(signature) == COMPACT:
        signature = expand(signature)
    if len(signature) == LENGTH and signature[64] in (0, 1):
        signature = signature[:64] + bytes([signature[64] + _V])
    r, s, v = parts(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v])


def from_hex(text: str, field: str = "signature", length: int = LENGTH) -> bytes:
    """The bytes of a signature in 0x-hex, upper or lower case, because wallets differ.

    Raises:
        InvalidInput: not `length` bytes in 0x-hex.
    """
    digits = text[2:] if isinstance(text, str) and text.startswith("0x") else ""
    try:
        raw = bytes.fromhex(digits) if len(digits) == 2 * length else b""
    except ValueError:
        raw = b""
    if len(raw) != length:
        raise InvalidInput(f"must be {length} bytes in 0x-hex", field=field, value=text)
    return raw
