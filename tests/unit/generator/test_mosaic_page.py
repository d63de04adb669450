"""docs/formats/mosaic.md lists every constant that a trace holds, with its value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.attribution.trace import Trace
from generator.engines.mosaic.constants import separation
from oracle.domain.edits import RANGES as EDIT_RANGES
from oracle.domain.plan import RANGES as SECTION_RANGES
from oracle.domain.trace import KEYS

PAGE = (Path(__file__).parents[3] / "docs" / "formats" / "mosaic.md").read_text()


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}")]
    return [(path.removeprefix("."), value)]


@pytest.mark.parametrize(("name", "value"), leaves(separation()))
def test_docs_list_every_constant(name: str, value: Any) -> None:
    row = re.search(rf"^\| `{re.escape(name)}` \| `?([^|`]+)`? \|", PAGE, re.MULTILINE)
    assert row is not None and row[1].strip() == str(value)


@pytest.mark.parametrize("key", sorted(KEYS | {*EDIT_RANGES, *SECTION_RANGES}))
def test_docs_list_every_key_of_a_trace(key: str) -> None:
    assert f"`{key}`" in PAGE


def test_a_trace_writes_the_keys_that_the_reader_expects() -> None:
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
        levels=(),
        frames_drawn=(),
        log_likelihood=(),
        audible=(),
    )
    assert set(empty.to_dict()) == KEYS
