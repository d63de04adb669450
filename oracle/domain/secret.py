"""Text that must not be printed."""

from __future__ import annotations


class Secret:
    """Text that prints as stars."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('********')"

    def __str__(self) -> str:
        return "********" if self._text else ""

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text
