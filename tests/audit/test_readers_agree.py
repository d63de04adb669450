"""The oracles' reader of manifests and the audit's, written apart, refuse the same documents."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from oracle.domain.errors import InvalidInput
from oracle.domain.manifest_reader import parse_manifest
from scripts.auditor.json_text import canonical, parse
from scripts.auditor.manifest_form import require_manifest
from scripts.auditor.report import Malformed, Unreadable
from tests.audit.manifests import altered, manifest

ROUNDS = 6_000


def text(value: Any) -> bytes:
    """Canonical JSON, also of what no reader may take."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return written.encode("utf-8", "surrogatepass")


def oracle_refuses(data: bytes) -> str:
    try:
        parse_manifest(data)
    except InvalidInput as error:
        return str(error)
    return ""


def audit_refuses(data: bytes) -> str:
    try:
        found = parse(data)
        if canonical(found) != data:
            return "not canonical"
        require_manifest(found, len(data))
    except Unreadable as error:
        return str(error)
    return ""


@pytest.mark.parametrize("first", [False, True])
def test_a_valid_manifest_is_read_by_both(first: bool) -> None:
    data = text(manifest(first))
    assert (oracle_refuses(data), audit_refuses(data)) == ("", "")


@pytest.mark.parametrize("seed", range(4))
def test_a_manifest_that_differs_in_some_places_is_refused_by_both_or_by_none(seed: int) -> None:
    dice, refused = random.Random(seed), 0
    for number in range(ROUNDS // 4):
        changed = manifest(first=bool(number % 3 == 0))
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            changed = altered(changed, dice) if changed else changed
        data = text(changed)
        said = oracle_refuses(data), audit_refuses(data)
        refused += bool(said[0])
        assert bool(said[0]) == bool(said[1]), (said, changed)
    assert ROUNDS // 8 < refused < ROUNDS // 4


def test_an_empty_manifest_is_refused() -> None:
    with pytest.raises(Malformed, match="audio is missing"):
        require_manifest({}, 2)
