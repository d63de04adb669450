"""The mutants' own test: on a small contract it finds what the tests overlook, and nothing else."""

from pathlib import Path

import pytest

from scripts.solidity.mutants.__main__ import main
from scripts.solidity.mutants.model import named
from scripts.solidity.mutants.project import Project
from scripts.solidity.toolchain import ROOT

PURSE = Path(__file__).parent.parent / "vectors" / "purse"


def mutants(root):
    sites = Project(root, ()).sites
    return named({mutant for site in sites for mutant, _ in site.variants})


def test_every_kind_of_fault_has_its_mutants():
    found = {name.split(": ", 1)[1] for name in mutants(PURSE)}
    assert {
        "delete require(amount <= MOST - held, Purse_Full(held, amount))",
        "amount <= MOST - held -> !(amount <= MOST - held)",
        "amount <= MOST - held -> amount < MOST - held",
        "MOST - held -> MOST + held",
        "MOST -> MOST + 1",
        "held += amount -> held -= amount",
        "delete emit Put(amount)",
        "delete whileOpen",
        "gt(a, b) -> iszero(lt(a, b))",
        "xor(a, b) -> or(a, b)",
    } <= found


@pytest.fixture
def afresh():
    (Project(PURSE, ()).folder / "outcomes.jsonl").unlink(missing_ok=True)


@pytest.mark.long
def test_what_the_tests_overlook_survives_and_nothing_else(afresh, capsys):
    assert main(["--root", str(PURSE)]) == 1
    said = capsys.readouterr().out
    unexplained = {line.split(": ", 2)[2] for line in said.splitlines() if "unexplained" in line}
    assert unexplained == {
        "delete require(_open, Purse_NotOpen())",
        "delete _open = false",
        "delete whileOpen",
        "delete emit Put(amount)",
    }
    assert "SURVIVED" in said and "gt(a, b) -> iszero(lt(a, b))" in said
    assert "explained, but no survivor" not in said


@pytest.mark.long
def test_a_run_goes_on_where_it_was(afresh, capsys):
    main(["--root", str(PURSE), "--sample", "2"])
    first = capsys.readouterr().out
    log = (Project(PURSE, ()).folder / "outcomes.jsonl").read_text()
    main(["--root", str(PURSE), "--sample", "2"])
    assert capsys.readouterr().out == first
    assert (Project(PURSE, ()).folder / "outcomes.jsonl").read_text() == log


@pytest.mark.long
def test_a_mutant_is_named_without_its_line():
    assert all(str(PURSE.relative_to(ROOT)) in name for name in mutants(PURSE))
    assert len(mutants(ROOT)) > 500
