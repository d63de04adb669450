"""The errors of Refrain, each with the wrong field and its value.

RefrainError                  a fault in data or services of others, not a misuse of our own code
 +-- InvalidInput             a field of a request, an order or a file is malformed
 |    +-- WrongBytes          content that does not hash to its name
 +-- NotFound                 no such recording, generation or content
 +-- Conflict                 the same key was used for something else
 +-- Refused                  well formed, but consent, price or escrow does not allow it
 +-- Unauthorised             a signature or token that does not allow the call
 +-- Unavailable              the chain, a node, a peer or a pinner did not answer; try again
 |    +-- Busy                it answered, and asks to be asked later
 +-- Inconsistent             two sources that must agree do not; a person must look at it
"""

from __future__ import annotations

from typing import Any


class RefrainError(Exception):
    """An error with the field and the value that caused it.

    Args:
        detail: one sentence for the person who must fix it.
        field: dotted path of the field, such as ``request.references[1].weight``.
        value: the value of the field, cut to 120 characters; never a secret.
        public: whether anybody may read it. What services say, with their URLs, is for operators;
            None takes the rule of the class.
    """

    title = "Refrain error"
    public = False

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        value: object = None,
        public: bool | None = None,
    ) -> None:
        self.detail = detail
        if public is not None:
            self.public = public
        self.field = field
        self.value = None if value is None else str(value)[:120]
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = f"{self.field}: " if self.field else ""
        found = f" (found {self.value})" if self.value is not None else ""
        return f"{place}{self.detail}{found}"


class InvalidInput(RefrainError):
    """A field is malformed."""

    title = "Invalid input"
    public = True


class WrongBytes(InvalidInput):
    """Content does not hash to its name."""

    title = "Content does not match its hash"
    public = False


class NotFound(RefrainError):
    """The recording, generation or content does not exist."""

    title = "Not found"
    public = True


class Conflict(RefrainError):
    """A key or nonce was used for something else."""

    title = "Conflict"
    public = True


class Refused(RefrainError):
    """Consent, escrow or price does not allow the generation; `refusals` names each recording."""

    title = "Refused"
    public = True

    def __init__(self, detail: str, *, refusals: tuple = (), **where: object) -> None:
        super().__init__(detail, **where)  # type: ignore[arg-type]
        self.refusals = refusals


class Unauthorised(RefrainError):
    """A signature or token does not allow the call."""

    title = "Unauthorised"
    public = True


class Unavailable(RefrainError):
    """A service does not answer now; a later try may succeed."""

    title = "Unavailable"


class Busy(Unavailable):
    """A service asks to be asked later; says nothing about what was asked.

    Args:
        after: seconds from now on.
    """

    def __init__(self, detail: str, *, after: float = 0.0, **where: Any) -> None:
        super().__init__(detail, **where)
        self.after = after


class Inconsistent(RefrainError):
    """Two sources that must agree do not."""

    title = "Inconsistent"


def require_same(field: str, found: Any, expected: Any) -> None:
    """Raises Inconsistent with the field and both values when they differ."""
    if found != expected:
        raise Inconsistent(f"should be {expected}"[:300], field=field, value=found)
