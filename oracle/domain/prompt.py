"""The commitment that stands for a prompt in everything public.

A request of version 2 holds sha256 of a salt and the prompt. Without the salt nobody can find the
prompt by trying likely texts; with both, anybody can check that they belong to the request.
"""

from __future__ import annotations

import hashlib

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

LONGEST_PROMPT = 500
"""Characters."""

SALT_BYTES = 32
"""A salt is written as 64 lower-case hex digits."""

_PREFIX = b"Refrain prompt\0"


def commitment_of(prompt: str, salt: str) -> str:
    """sha256 of prefix, salt and the prompt in UTF-8, as 64 hex digits.

    Args:
        prompt: 1 to 500 characters.
        salt: 32 bytes as 64 lower-case hex digits.

    Raises:
        InvalidInput: names `prompt` or `salt`; the value of neither is in the error.
    """
    text = _hidden(prompt)
    return hashlib.sha256(_PREFIX + _salt(salt) + text.encode()).hexdigest()


def require_opens(commitment: str, prompt: str, salt: str) -> None:
    """Raises InvalidInput unless prompt and salt are those of a commitment."""
    if commitment_of(prompt, salt) != commitment:
        detail = "and `salt` do not give the request's prompt_commitment"
        raise InvalidInput(detail, field="prompt")


def _hidden(prompt: str) -> str:
    try:
        return fields.text(prompt, "prompt", LONGEST_PROMPT)
    except InvalidInput as error:
        # Errors are logged and answered, so they must not repeat the text.
        raise InvalidInput(error.detail, field="prompt") from None


def _salt(salt: str) -> bytes:
    try:
        return bytes.fromhex(fields.digest(salt, "salt"))
    except InvalidInput:
        raise InvalidInput("must be 32 bytes in 64 lower-case hex digits", field="salt") from None
