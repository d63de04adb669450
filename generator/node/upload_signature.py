"""Checks an owner's signed permission to upload a recording's file (EIP-712 `Upload`)."""

from __future__ import annotations

from generator.node.chain_registry import Entry
from oracle.adapters.signing import signatures
from oracle.adapters.signing.typed import TypedData
from oracle.domain.errors import InvalidInput, Unauthorised

FIELD = "X-Refrain-Signature"


def check(entry: Entry, typed: TypedData, deadline: int, signature: str, now: int) -> None:
    """Check that the owner of `entry` signed for its registered audio, in time.

    Args:
        typed: hashes for the node's ledger.
        deadline: last second at which the signature is valid, since 1970.
        signature: in 0x-hex, in any form that wallets make: 65 bytes (r, s, v 27, 28, 0 or 1) or
            64 bytes (EIP-2098); low s.
        now: seconds since 1970.

    Raises:
        InvalidInput: the signature is malformed.
        Unauthorised: the deadline has passed, or another key or another statement was signed.
    """
    if now > deadline:
        detail = f"has passed; the time is {now}"
        raise Unauthorised(detail, field="deadline", value=deadline)
    digest = typed.upload_digest(entry.recording, bytes.fromhex(entry.audio), deadline)
    short = len(signature) == 2 + 2 * signatures.COMPACT
    length = signatures.COMPACT if short else signatures.LENGTH
    raw = signatures.from_hex(signature, FIELD, length)
    try:
        signer = signatures.recover(digest, signatures.normal(raw))
    except InvalidInput as error:
        raise InvalidInput(error.detail, field=FIELD, value=error.value) from None
    if signer != entry.owner:
        detail = f"is not by the recording's owner {entry.owner} for its registered audio"
        raise Unauthorised(detail, field=FIELD, value=signer)
