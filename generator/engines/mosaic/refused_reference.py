"""The error that names the reference with which a track cannot be made."""

from __future__ import annotations

from typing import Self

from oracle.domain.errors import InvalidInput


class RefusedReference(InvalidInput):
    """A reference with which the track cannot be made as it is asked for.

    Args:
        index: of the reference, from 0.
        recording: its id, where the caller knows it.
    """

    def __init__(self, index: int, detail: str, recording: int | None = None) -> None:
        self.index = index
        super().__init__(detail, field=f"references[{index}].recording", value=recording)

    def named(self, recording: int) -> Self:
        """The same error with the recording's id."""
        return type(self)(self.index, self.detail, recording)
