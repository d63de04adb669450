"""docs/mosaic.md names every constant that a trace carries, with its value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.attribution.trace import Trace
from generator.attribution.trace_json import EDIT_RANGES, TRACE_KEYS
from generator.engines.mosaic.constants import separation

PAGE = (Path(__file__).parents[3] / "docs" / "mosaic.md").read_text()


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}")]
    return [(path.removeprefix("."), value)]


@pytest.mark.parametrize(("name", "value"), leaves(separation()))
def test_constants_are_on_the_page(name: str, value: Any) -> None:
    row = re.search(rf"^\| `{re.escape(name)}` \| `?([^|`]+)`? \|", PAGE, re.MULTILINE)
    assert row is not None and row[1].strip() == str(value)


@pytest.mark.parametrize("key", sorted(TRACE_KEYS | set(EDIT_RANGES)))
def test_keys_of_a_trace_are_on_the_page(key: str) -> None:
    assert f"`{key}`" in PAGE


def test_the_trace_writes_the_keys_it_reads() -> None:
    empty = Trace(
        engine="e",
        version="1",
        seed=0,
        rate=1,
        frames=1,
        bpm=1,
        references=(),
        prior=(),
        draws=(),
        frames_drawn=(),
        log_likelihood=(),
        strength=(),
        audible=(),
    )
    assert set(empty.to_dict()) == TRACE_KEYS
