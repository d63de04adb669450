"""Everything that can be wrong with what we were given.

RefrainError                  what somebody else did, or the world did, not our own misuse
 +-- InvalidInput             a field of a request, an order or a file is malformed
 |    +-- WrongBytes          content that does not hash to its name
 +-- NotFound                 no such recording, generation or content
 +-- Conflict                 the same key was used for something else
 +-- Refused                  well formed, but consent or price does not allow it
 +-- Unauthorised             a signature or token that does not allow the call
 +-- Unavailable              the chain, a node, a peer or a pinner did not answer; try again
 +-- Inconsistent             two sources that must agree do not; a person has to look
"""

from __future__ import annotations


class RefrainError(Exception):
    """A fault with the name of the field and the value that caused it.

    Args:
        detail: one sentence for the person who has to mend it.
        field: dotted path of the field, such as ``request.references[1].weight``.
        value: what was found there; shortened, never a secret.
    """

    title = "Refrain error"

    def __init__(self, detail: str, *, field: str | None = None, value: object = None) -> None:
        self.detail = detail
        self.field = field
        self.value = None if value is None else str(value)[:120]
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = f"{self.field}: " if self.field else ""
        found = f" (found {self.value})" if self.value is not None else ""
        return f"{place}{self.detail}{found}"


class InvalidInput(RefrainError):
    title = "Invalid input"


class WrongBytes(InvalidInput):
    title = "Content does not match its hash"


class NotFound(RefrainError):
    title = "Not found"


class Conflict(RefrainError):
    title = "Conflict"


class Refused(RefrainError):
    """Consent, escrow or price does not allow the generation; `refusals` names each recording."""

    title = "Refused"

    def __init__(self, detail: str, *, refusals: tuple = (), **where: object) -> None:
        super().__init__(detail, **where)  # type: ignore[arg-type]
        self.refusals = refusals


class Unauthorised(RefrainError):
    title = "Unauthorised"


class Unavailable(RefrainError):
    title = "Unavailable"


class Inconsistent(RefrainError):
    title = "Inconsistent"
