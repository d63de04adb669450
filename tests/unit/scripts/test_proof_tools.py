"""What slither, forge and the mutants report is held against its reasons: nothing new passes."""

from pathlib import Path

import pytest

from scripts.solidity import coverage, slither
from scripts.solidity.coverage import Miss, Place
from scripts.solidity.mutants.model import Mutant, named
from scripts.solidity.mutants.report import Outcome, Reasons, read_reasons, table

TIME = slither.Reason("timestamp", ("Escrow.*",), "days")
GUARD = Mutant("project/contracts/A.sol", 10, 2, "f", "a < b", "a <= b")
TWIN = Mutant("project/contracts/A.sol", 90, 9, "f", "a < b", "a <= b")
LIMIT = Mutant("project/contracts/A.sol", 50, 5, "f", "require(a | b)", "")


def test_a_finding_with_a_reason_is_fine():
    assert slither.problems([slither.Finding("timestamp", "Escrow.exit", "...")], [TIME]) == []


@pytest.mark.parametrize("check, where", [("timestamp", "Payouts.f"), ("assembly", "Escrow.exit")])
def test_a_finding_elsewhere_or_of_another_kind_is_new(check, where):
    found = [slither.Finding("timestamp", "Escrow.exit", "..."), slither.Finding(check, where, "!")]
    assert slither.problems(found, [TIME]) == [f"not explained: {check} at {where}\n!\n"]


def test_a_reason_for_nothing_has_to_go():
    assert slither.problems([], [TIME]) == ["explains nothing: timestamp at Escrow.*"]


def test_so_has_each_place_where_nothing_is_found():
    reason = slither.Reason("timestamp", ("Escrow.exit", "Escrow.gone", "Escrow.*"), "days")
    found = [slither.Finding("timestamp", "Escrow.exit", "...")]
    assert slither.problems(found, [reason]) == ["explains nothing: timestamp at Escrow.gone"]


def test_places_are_counted_once_and_only_in_contracts():
    traces = "SF:contracts/A.sol\nDA:1,0\nDA:2,3\nDA:1,4\nBRDA:2,0,1,-\nSF:tests/B.sol\nDA:1,0\n"
    counted = {Place(1): 4, Place(2): 3, Place(2, "0.1"): 0}
    assert coverage.parse(traces) == {"contracts/A.sol": counted}


def test_who_was_in_a_body_came_by_its_line():
    traces = "SF:contracts/A.sol\nDA:1,0\nBRDA:1,0,0,5\n"
    assert coverage.parse(traces) == {"contracts/A.sol": {Place(1): 5, Place(1, "0.0"): 5}}


def test_a_require_is_measured_as_the_if_that_it_is():
    plain = "x;\nrequire(f(a, b) || c,\n    Bad(a, b));\nrequire(ok, No());\n"
    spelt = "x;\n{if (!(f(a, b) || c)) revert \n    Bad(a, b);}\n{if (!(ok)) revert  No();}\n"
    assert coverage.spell_out(plain) == spelt


def test_a_miss_needs_a_reason_of_its_kind():
    line, branch = (Miss("A.sol", Place(3, body), "if (a) b;") for body in ("", "0.0"))
    reason = coverage.Reason("A.sol", "moved", lines=("if*",))
    assert coverage.problems([line], [reason]) == []
    wanted = ["missed without a reason: branch A.sol:3 if (a) b;"]
    assert coverage.problems([line, branch], [reason]) == wanted


def test_a_text_that_is_not_missed_has_to_go():
    miss = Miss("A.sol", Place(3), "b;")
    reason = coverage.Reason("A.sol", "moved", lines=("b;", "c;"), branches=("b;",))
    idle = ["explains nothing: A.sol c;", "explains nothing: A.sol b;"]
    assert coverage.problems([miss], [reason]) == idle


def test_misses_come_with_their_text():
    found = coverage.misses("A.sol", {Place(1): 1, Place(2): 0}, "a;\n  b;\n")
    assert found == [Miss("A.sol", Place(2), "b;")]


def test_likes_are_counted_and_lines_are_not_in_names():
    name = "contracts/A.sol f: a < b -> a <= b"
    assert named([TWIN, GUARD]) == {name: GUARD, f"{name} #2": TWIN}


def test_the_table_counts_and_explains():
    mutants = named([GUARD, LIMIT])
    outcomes = [Outcome("", str(GUARD), "", 1.0), Outcome("", str(LIMIT), "T.t", 1.0)]
    reasons = Reasons({str(GUARD): "the same either way"}, {"test_Gas": "measures"})
    said = table(outcomes, mutants, reasons)
    assert "| `contracts/A.sol` | 2 | 1 | 1 |" in said
    assert "| contracts/A.sol:2 | `a < b -> a <= b` | the same either way |" in said
    assert "| `test_Gas` | measures |" in said
    assert reasons.unexplained(outcomes) == reasons.stale(outcomes) == []


def test_survivors_need_reasons_and_reasons_survivors():
    reasons = Reasons({str(GUARD): "gone"}, {})
    survived = Outcome("", str(LIMIT), "", 1.0)
    assert reasons.unexplained([survived]) == [f"survived, unexplained: {LIMIT}"]
    assert reasons.stale([survived]) == [f"explained, but no survivor: {GUARD}"]


def test_the_committed_reasons_can_be_read():
    assert all(reason.why for reason in slither.reasons())
    assert all(reason.why for reason in coverage.reasons())
    assert read_reasons().skipped


def test_no_reason_is_for_a_file_that_is_gone():
    root = Path(coverage.ROOT)
    assert all(list(root.glob(reason.file)) for reason in coverage.reasons())
