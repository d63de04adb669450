"""Each test falsifies pinned content; the audit names the field and both values and fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.auditor.cids import cid_of
from tests.audit.content import digest
from tests.audit.run import Audited, found, runner
from tests.audit.world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("content")) as found:
        yield found


@pytest.fixture
def wrong(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def change(bytes_at: Path, position: int) -> int:
    data = bytearray(bytes_at.read_bytes())
    data[position] ^= 1
    return bytes_at.write_bytes(bytes(data))


def test_a_byte_of_the_pinned_audio(made: World, wrong: Audited) -> None:
    audio = bytes(made.samples[:-2]) + b"\x07\x00"
    generation, path = made.settle(audio=audio), made.blocks.path(audio)
    change(path, 5_000)
    said, found = cid_of(audio), cid_of(path.read_bytes())
    assert wrong(generation) == [
        f"MISMATCH audio block: the CID says {said}, recomputed {found}"
    ]


def test_a_block_that_is_missing(made: World, wrong: Audited) -> None:
    audio = bytes(made.samples[:-2]) + b"\x09\x00"
    generation = made.settle(audio=audio)
    made.blocks.path(audio).unlink()
    (line,) = wrong(generation)
    assert line.startswith(f"UNREADABLE audio: block {cid_of(audio)}")
    assert digest(audio) in line


def test_a_manifest_that_is_missing(made: World, wrong: Audited) -> None:
    generation = made.settle()
    log = made.rig.ledger.events.Settled().get_logs(from_block=0)[-1]
    name = log["args"]["manifest"].hex()
    (made.blocks.root / "blocks" / name[:2] / name).unlink()
    (line,) = wrong(generation)
    assert line.startswith("UNREADABLE manifest: block") and name in line


def test_loudness_that_was_not_paid(made: World, wrong: Audited) -> None:
    """Energies 1,300, 1,600 and 1,900 tie in their remainders, so the lowest id gets the rest."""
    lines = wrong(made.settle(rule="audible", entries={1: 270_833, 2: 333_334, 3: 395_833}))
    assert lines == [
        "MISMATCH manifest: manifest.entries contradicts the rest of the manifest",
        "MISMATCH weight[1]: chain says 270833, recomputed 270834",
        "MISMATCH weight[2]: chain says 333334, recomputed 333333",
    ]


@pytest.mark.parametrize("name", ["realised", "declared", "audible", "responsibility", "shapley"])
def test_a_weight_in_the_manifest(made: World, wrong: Audited, name: str) -> None:
    def shift(manifest: dict[str, Any]) -> None:
        first, second, *_ = manifest["vectors"][name]
        first["weight"] += 20
        second["weight"] -= 20
        said.extend([first["weight"], second["weight"]])

    said: list[int] = []
    lines = wrong(made.settle(in_manifest=shift))
    # The vector of the rule has to be that of the entries, which the manifest holds too.
    form = "MISMATCH manifest: manifest.entries contradicts the rest of the manifest"
    lines = [line for line in lines if line != form or name != "realised"]
    assert len(lines) == 2
    for line, recording, weight, off in zip(lines, (1, 2), said, (-20, 20), strict=True):
        assert line.startswith(f"MISMATCH vectors.{name}[{recording}]: manifest says {weight}, ")
        assert int(line.split("recomputed ")[1].split()[0]) == pytest.approx(weight + off, abs=1)


def test_a_draw_in_the_trace(made: World, wrong: Audited) -> None:
    """The first unit was reference 1's; the trace now says 2, so what was paid does not follow.

    Its edit still plays reference 1.
    """

    def redraw(trace: dict[str, Any]) -> None:
        trace["draws"][0] = 2

    lines = wrong(made.settle(in_trace=redraw))
    assert lines == [
        "MISMATCH edits: trace.edits[0].component is 1, which was not drawn for beat 0",
        "MISMATCH vectors.realised[1]: manifest says 428494, recomputed 285935",
        "MISMATCH vectors.realised[2]: manifest says 428766, recomputed 571325",
        "MISMATCH weight[1]: chain says 428494, recomputed 285935",
        "MISMATCH weight[2]: chain says 428766, recomputed 571325",
    ]


def test_weights_paid_by_another_vector(made: World, wrong: Audited) -> None:
    lines = wrong(made.settle(entries={1: 1, 2: 2, 3: 999_997}))
    assert lines == [
        "MISMATCH manifest: manifest.entries contradicts the rest of the manifest",
        "MISMATCH weight[1]: chain says 1, recomputed 428494",
        "MISMATCH weight[2]: chain says 2, recomputed 428766",
        "MISMATCH weight[3]: chain says 999997, recomputed 142740",
    ]


FALSE_FIELDS: list[tuple[str, Any, Any]] = [
    ("price", "1", "manifest.price: chain says 1234567, manifest says 1"),
    ("node_fee", "1", "manifest.node_fee: chain says 123456, manifest says 1"),
    ("rule", "declared", "manifest.rule: chain says realised, manifest says declared"),
    ("refrain_manifest", 2, "manifest.refrain_manifest: chain says 1, manifest says 2"),
    ("extra", 1, "manifest keys"),
    ("block.timestamp", 5, "manifest.block.timestamp"),
    ("block.hash", "0x" + "00" * 32, "manifest.block.hash"),
    ("chain.ledger", "0x", "manifest.chain.ledger: chain says 0x"),
    ("order.request", "0x", "manifest.order.request: chain says 0x"),
    ("audio.channels", 1, "audio.channels: manifest says 1, recomputed 2"),
    ("chain.id", 1, "manifest.chain.id: chain says 31337, manifest says 1"),
    ("order.maxPrice", "3", "manifest.order.maxPrice: chain says 2000000, manifest says 3"),
    ("order_signature", "0x", "manifest.order_signature"),
    ("generation", "0x12", "manifest.generation"),
    ("engine.name", "magenta", "trace.engine.name: manifest says magenta, trace says mosaic"),
    ("entries", "0x", "manifest.entries"),
    ("set.threshold", 1, "manifest.set.threshold: chain says 2, manifest says 1"),
    ("request.length", 6, "request digest"),
    ("audio.frames", 7, "audio.frames: manifest says 7, recomputed 220500"),
    ("audio.samples", "00" * 32, "audio.samples"),
    ("audio.sha256", "00" * 32, "audio.sha256"),
    ("audio.rate", 48_000, "audio.rate: manifest says 48000, recomputed 44100"),
    ("trace.sha256", "00" * 32, "trace.sha256"),
    ("trace.cid", "bafk", "trace"),
    ("references.0.audio", "00" * 32, "references[1].audio"),
    ("references.0.metadata", "0x00", "references[1].metadata"),
    ("references.0.recording", 2, "references: request says [1, 2, 3], manifest says [2, 2, 3]"),
    ("vectors", {}, "vectors: manifest says"),
    ("audio", [], "audio"),
]


@pytest.mark.parametrize(("place", "value", "expected"), FALSE_FIELDS, ids=lambda x: str(x)[:40])
def test_a_field_of_the_manifest(
    made: World, wrong: Audited, place: str, value: Any, expected: str
) -> None:
    def falsify(manifest: Any) -> None:
        *path, last = place.split(".")
        for key in path:
            manifest = manifest[int(key) if key.isdigit() else key]
        manifest[last] = value

    lines = wrong(made.settle(in_manifest=falsify))
    assert found(lines, expected), lines


def test_a_block_that_was_not_closed(made: World, wrong: Audited) -> None:
    """The manifest names the block of its own settlement, which no oracle can have read."""

    def later(manifest: dict[str, Any]) -> None:
        manifest["block"]["number"] += 1

    lines = wrong(made.settle(in_manifest=later))
    assert found(lines, "block.number: manifest says ") and found(lines, "manifest.block.hash: ")


def test_an_amount_in_a_statement(made: World, wrong: Audited) -> None:
    generation = made.settle()
    path = made.statement(made.teo)
    rows = path.read_text().splitlines()
    before, amount, to = rows[2].rsplit(",", 2)
    rows[2] = ",".join([before, "999999999", to])
    path.write_text("\n".join(rows) + "\n")
    assert wrong(generation, "--statement", str(path)) == [
        f"MISMATCH statement {made.teo} row 2 amount: file says 999999999, chain says {amount}"
    ]


def test_a_row_left_out_of_a_statement(made: World, wrong: Audited) -> None:
    generation = made.settle()
    path = made.statement(made.teo)
    rows = path.read_text().splitlines()
    path.write_text("\n".join([*rows[:1], *rows[2:]]) + "\n")
    lines = wrong(generation, "--statement", str(path))
    count = len(rows) - 1
    assert lines[0].endswith(f"rows: file says {count - 1}, chain says {count}")
    assert "row missing: file says nothing" in lines[1]
