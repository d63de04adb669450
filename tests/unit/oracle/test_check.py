"""Checks: what an oracle requires of a node's answer, by the name of the field."""

from dataclasses import replace

import pytest

from oracle.domain.check import (
    COMPOSED,
    MEASURES,
    MOST_TOLD,
    REQUIRED,
    Check,
    check_from,
    require_passed,
    required,
)
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.request import ENGINES

MOSAIC = REQUIRED["mosaic"]
SAME = Check(steps=0, gain=0, envelope=0, audible=0)


def test_a_check_that_finds_nothing_passes():
    require_passed(MOSAIC, SAME)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_passes_up_to_its_bound(name):
    most = getattr(MOSAIC, name)
    require_passed(MOSAIC, replace(SAME, **{name: most}))
    with pytest.raises(Inconsistent, match=f"^{MEASURES[name]}: .*{name} differs by {most + 1}"):
        require_passed(MOSAIC, replace(SAME, **{name: most + 1}))


@pytest.mark.parametrize("name", COMPOSED)
def test_a_field_that_composing_gives_otherwise_is_named(name):
    with pytest.raises(Inconsistent, match=f"trace.{name}: "):
        require_passed(MOSAIC, replace(SAME, differs=name))


def test_a_check_without_a_record_is_not_made():
    with pytest.raises(Unavailable, match="record"):
        require_passed(MOSAIC, replace(SAME, lacks=(3,)))


def test_what_was_not_measured_does_not_pass():
    """A node that answers with nothing but an empty name has checked nothing."""
    with pytest.raises(Inconsistent):
        require_passed(MOSAIC, Check())


def test_an_answer_reads_back():
    found = Check((1, 4), "edits.step", 2, 3, 4, MOST_TOLD)
    assert check_from(found.to_json()) == found


@pytest.mark.parametrize("engine", [("radio", "2"), ("mosaic", "1"), ("mosaic", "3")])
def test_an_engine_that_nobody_can_check_is_refused(engine):
    with pytest.raises(Inconsistent, match=r"trace\.engine.*can be checked"):
        required(engine)


def test_every_engine_that_may_be_ordered_can_be_checked():
    assert set(ENGINES) == set(REQUIRED)
