"""An owner's signed leave to put a recording's file into a vault (EIP-712 `Upload`)."""

from __future__ import annotations

import re

from generator.repertoire import Entry
from generator.settings import Deployment
from oracle.domain.errors import InvalidInput, Unauthorised

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half the order of secp256k1: of the two signatures of one statement, only the one with s at or
below it is taken, or a statement would have two."""

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}", re.ASCII)
_TYPES = {
    "Upload": [
        {"name": "recording", "type": "uint256"},
        {"name": "audio", "type": "bytes32"},
        {"name": "deadline", "type": "uint256"},
    ]
}


def check(entry: Entry, deployment: Deployment, deadline: int, signature: str, now: int) -> None:
    """Whether the owner of `entry` signed for its registered audio, in time.

    Args:
        deadline: last second at which the signature holds, since 1970.
        signature: 65 bytes (r, s, v) in 0x-hex; low s, v 27 or 28.
        now: seconds since 1970.

    Raises:
        InvalidInput: the signature is malformed.
        Unauthorised: it is too late, or another key signed, or something else was signed.
    """
    if now > deadline:
        detail = f"has passed; it is {now}"
        raise Unauthorised(detail, field="deadline", value=deadline)
    signer = _signer(entry, deployment, deadline, _checked(signature))
    if signer != entry.owner:
        detail = f"is not of the recording's owner {entry.owner} for its registered audio"
        raise Unauthorised(detail, field="X-Refrain-Signature", value=signer)


def _checked(text: str) -> bytes:
    field = "X-Refrain-Signature"
    if not _SIGNATURE.fullmatch(text):
        raise InvalidInput("must be 65 bytes in 0x-hex", field=field, value=text)
    raw = bytes.fromhex(text[2:])
    # The library takes high s and v of 0 or 1 as well.
    if raw[64] not in (27, 28):
        raise InvalidInput("must end in v 27 or 28", field=field, value=raw[64])
    if int.from_bytes(raw[32:64], "big") > HALF_ORDER:
        raise InvalidInput("has s in the upper half", field=field)
    return raw


def _signer(entry: Entry, deployment: Deployment, deadline: int, raw: bytes) -> str:
    from eth_account import Account
    from eth_account.messages import encode_typed_data
    from eth_keys.exceptions import BadSignature, ValidationError

    domain = {
        "name": "Refrain",
        "version": "1",
        "chainId": deployment.chain_id,
        "verifyingContract": deployment.ledger,
    }
    audio = bytes.fromhex(entry.audio)
    message = {"recording": entry.recording, "audio": audio, "deadline": deadline}
    signable = encode_typed_data(domain, _TYPES, message)
    try:
        return str(Account.recover_message(signable, signature=raw))
    except (BadSignature, ValidationError, ValueError) as error:
        raise InvalidInput("recovers to no key", field="X-Refrain-Signature") from error
