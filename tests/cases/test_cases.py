"""Every case does what its row in the report says; the report is current."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cases import every
from tests.cases.case import DATA, Case
from tests.cases.files import FILES
from tests.cases.places import Places
from tests.cases.report import PAGE, page

CASES = every()


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    with Places() as found:
        yield found


@pytest.mark.parametrize("name", CASES)
def test_a_case_prints_what_the_report_says(name, tmp_path, places):
    case: Case = CASES[name]
    folder = tmp_path / "input"
    folder.mkdir()
    done = case.outcome(folder, places[case.place])
    assert "Traceback" not in done.output
    assert str(tmp_path) not in done.output
    left = iter(done.lines)
    for line in case.says:
        assert line in left, f"{line!r} is missing in:\n{done.output}"
    assert done.status == case.status, done.output


def test_the_report_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.cases --write"


def test_no_name_is_used_twice():
    assert len(CASES) == sum(len(cases) for cases in FILES.values())


def test_every_file_of_the_data_is_used():
    used = {name for name in CASES if (DATA / name).exists()}
    assert {f"{path.parent.name}/{path.name}" for path in DATA.glob("*/*")} <= used
