"""The worked example of the evidence that nobody delivers is recomputed here."""

from __future__ import annotations

import json

from oracle.client.evidence import check
from oracle.domain.delivery import DELIVERY, PATIENCE
from oracle.domain.undelivered import KEYS, parse_undelivered, undelivered_json
from tests.docs.pages import ROOT, blocks
from tests.support.undelivered import undelivered

PAGE = ROOT / "docs" / "formats" / "undelivered.md"


def example() -> object:
    [found] = [block.text for block in blocks(PAGE) if block.text.lstrip().startswith("{")]
    return json.loads(found)


def test_the_example_is_what_the_program_writes() -> None:
    assert example() == undelivered_json(undelivered())


def test_the_example_is_evidence() -> None:
    assert len(check(parse_undelivered(example()))) == 2


def test_the_page_names_every_key_the_statement_and_the_time() -> None:
    text = PAGE.read_text()
    assert DELIVERY in text
    assert f"{PATIENCE:,} seconds" in text
    assert all(f"`{name}`" in text for name in KEYS)
