"""Two statements of one thing, side by side."""

from __future__ import annotations

from typing import Any

from oracle.domain.errors import Inconsistent


def require_same(field: str, found: Any, expected: Any) -> None:
    """Raises Inconsistent, naming the field and both values, where they differ."""
    if found != expected:
        raise Inconsistent(f"should be {expected}"[:300], field=field, value=found)
