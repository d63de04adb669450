"""Each field of a request, a trace and a statement has its own verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.audit.run import Audited, found, runner
from tests.audit.world import COLUMNS, PROMPT, World, first_version, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("fields")) as found:
        yield found


@pytest.fixture
def wrong(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def put(*place: Any) -> Callable[[Any], None]:
    """Sets the last argument at the path that the others are."""
    *path, last, value = place

    def falsify(whole: Any) -> None:
        for key in path:
            whole = whole[key]
        whole[last] = value

    return falsify


def both(*changes: Callable[[Any], None]) -> Callable[[Any], None]:
    """Makes several changes, one after the other."""

    def falsify(whole: Any) -> None:
        for change in changes:
            change(whole)

    return falsify


def drop(*path: Any) -> Callable[[Any], None]:
    """Takes the last item from the list at a path."""

    def falsify(whole: Any) -> None:
        for key in path:
            whole = whole[key]
        whole.pop()

    return falsify


TRACES = [
    (put("refrain_trace", 3), "trace version: trace says 3, must be one of [1, 2]"),
    (put("engine", "version", "2"), "trace.engine.version: manifest says 1, trace says 2"),
    (put("seed", "7"), "trace.seed: chain says "),
    (put("references", 0, "audio", "00" * 32), "trace.references: manifest says "),
    (put("prior", [0, 1, 2, 999_997]), "trace.prior: request says [0, 500000, 200000, 300000], tr"),
    (drop("frames_drawn"), "trace.frames_drawn units: trace says 8, recomputed 7"),
    (drop("log_likelihood"), "trace.log_likelihood units: trace says 8, recomputed 7"),
    (drop("levels"), "trace.levels units: trace says 8, recomputed 7"),
    (drop("log_likelihood", 3), "trace components: trace says [4], recomputed [3, 4]"),
    (drop("audible"), "trace components: trace says [4], recomputed [3, 4]"),
    (put("draws", 0, 9), "trace.draws: trace says "),
    (put("draws", 0, -1), "trace.draws: trace says "),
    (put("frames_drawn", 0, -1), "trace.draws: trace says "),
    (put("frames_drawn", [0] * 8), "vectors.realised: scores that sum to 0 give no weights"),
    (put("frames", 7), "trace.frames: audio says 220500, trace says 7"),
    (put("rate", 48_000), "trace.rate: audio says 44100, trace says 48000"),
    (put("log_likelihood", 0, 0, "1"), "vectors.shapley: malformed"),
    (put("references", 5), "trace: malformed"),
]


@pytest.mark.parametrize(("falsify", "expected"), TRACES, ids=[row[1][:40] for row in TRACES])
def test_a_field_of_the_trace(
    made: World, wrong: Audited, falsify: Callable[[Any], None], expected: str
) -> None:
    lines = wrong(made.settle(in_trace=falsify))
    assert found(lines, expected), lines


REQUESTS = [
    (put("length", 200), "request.length: request says 200, must be 5 to 120"),
    (put("length", 6), "audio length: request says 264600, audio has 220500"),
    (put("tier", "personal"), "request.tier: chain says commercial, request says personal"),
    (put("rule", "shapley"), "request.rule pays: request says shapley, must be one"),
    (put("engine", "magenta"), "engine.name: request says magenta, manifest says mosaic"),
    (put("references", 0, "weight", 7), "request weights: request says 500007, must be 1"),
    (lambda request: request["references"].reverse(),
     "request.references: request says [3, 2, 1], recomputed [1, 2, 3]"),
    (put("references", 2, "recording", 4), "request: recording 4 was never registered"),
    (put("version", 3), "request keys: the format says []"),
    (put("version", 1), "request keys: the format says "),
    (put("prompt", PROMPT), "request keys: the format says "),
    (put("prompt_commitment", PROMPT), "request.prompt_commitment: request says Dämmerung, must"),
    (both(first_version, put("version", 2)), "request keys: the format says "),
    (both(first_version, put("length", 6)), "audio length: request says 264600, audio has 220500"),
]


@pytest.mark.parametrize(("falsify", "expected"), REQUESTS, ids=[row[1][:40] for row in REQUESTS])
def test_a_field_of_the_request(
    made: World, wrong: Audited, falsify: Callable[[Any], None], expected: str
) -> None:
    """The payer signs and the oracles attest a request that breaks a rule."""
    lines = wrong(made.settle(in_request=falsify))
    assert found(lines, expected), lines


def test_files_that_are_not_canonical(made: World, wrong: Audited) -> None:
    lines = wrong(made.settle(write=lambda value: json.dumps(value).encode()))
    assert found(lines, "manifest form: manifest says ") and found(lines, "trace form: trace says ")


@pytest.mark.parametrize("name", ["declared", "realised", "audible", "responsibility", "shapley"])
def test_a_vector_out_of_order_and_out_of_balance(made: World, wrong: Audited, name: str) -> None:
    def falsify(manifest: dict[str, Any]) -> None:
        manifest["vectors"][name].reverse()
        manifest["vectors"][name][0]["weight"] += 5

    lines = wrong(made.settle(in_manifest=falsify))
    assert found(lines, f"vectors.{name} order: manifest says [3, 2, 1], recomputed [1, 2, 3]")
    assert found(lines, f"vectors.{name} sum: manifest says 1000005, must be 1000000")


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=COLUMNS)
def test_a_column_of_a_statement(made: World, wrong: Audited, column: int) -> None:
    generation = made.settle()
    path = made.statement(made.teo)
    rows = [line.split(",") for line in path.read_text().splitlines()]
    right, rows[1][column] = rows[1][column], "5x"
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    assert wrong(generation, "--statement", str(path)) == [
        f"MISMATCH statement {made.teo} row 1 {COLUMNS[column]}: file says 5x, chain says {right}"
    ]


def test_a_statement_with_another_header(made: World, wrong: Audited) -> None:
    path = made.statement(made.teo)
    path.write_text(path.read_text().replace("kind,block", "block,kind"))
    (line,) = wrong(made.settle(), "--statement", str(path))[:1]
    assert line.startswith(f"MISMATCH statement {made.teo} header: file says ")
