"""The last line of an audit."""

from __future__ import annotations

AGREES = "money and content agree"
SOUND = "money, content and sound agree"


def totals(mismatches: int = 0, unreadable: int = 0) -> str:
    """The start of the audit's last line."""
    return f"audit: {mismatches} mismatches, {unreadable} unreadable, "


def passed(out: str, verdict: str = AGREES) -> bool:
    """Whether the audit ended without a finding that says something is wrong, and agrees."""
    last = out.rstrip().splitlines()[-1]
    return last.startswith(totals()) and last.endswith(f"; {verdict}")
