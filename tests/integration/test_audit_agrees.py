"""The product and the audit, which share no code, compute the same values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings

from generator.attribution import vectors
from generator.attribution.trace import HARMONIC, PERCUSSIVE, Edit, Trace
from generator.audio.decode import decode
from generator.audio.prepared import Prepared
from generator.engines.mosaic import layers, render
from generator.engines.mosaic.constants import STEPS
from oracle.adapters.chain.deployment import Deployment, Modules
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.attestation import OracleSet
from oracle.domain.statement import to_csv
from scripts.auditor.cli import main
from scripts.auditor.render import compare_render, read_samples
from scripts.auditor.report import Unreadable
from scripts.auditor.vectors import VECTORS
from scripts.solidity.ledger_fixture import WINDOW
from tests.audit.life import Life, life
from tests.unit.generator.traces import trace, traces

SEPARATELY = ("realised", "audible", "responsibility", "shapley")


FAR_APART = trace(
    [[0, 0, 0, 0], [-399_998_508, 0, 0, 340_638_687]],
    prior=(250_000,) * 4, draws=[1, 1], frames=[0, 1], audible=[0, 1, 1, 1], seed=0,
)  # fmt: skip
"""A component of which the likelihood is 10^-321 of another one's."""


@settings(max_examples=150, deadline=None)
@given(traces(pool=True))
@example(FAR_APART)
def test_vectors(trace: Trace) -> None:
    found, made = vectors(trace), trace.to_dict()
    for name in SEPARATELY:
        method, slack = VECTORS[name]
        theirs = {item["recording"]: item["weight"] for item in found[name]}
        ours = method({}, made)
        assert sum(ours.values()) == 1_000_000
        for recording in {*ours, *theirs}:
            difference = ours.get(recording, 0) - theirs.get(recording, 0)
            assert abs(difference) <= slack, (name, theirs, ours)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("agrees")) as made:
        yield made


PAYEES = {
    "mara": {"credited", "frozen", "released", "reversed", "rewarded", "withdrawn", "parked"},
    "partner": {"credited", "withdrawn"}, "teo": {"credited", "withdrawn", "parked", "collected"},
    "label": {"credited", "withdrawn"}, "heir": {"credited"}, "found": {"credited"},
    "claim": {"credited", "withdrawn"}, "pool": {"withdrawn"}, "node": set[str](),
}  # fmt: skip
"""The kinds of rows in each statement; `node` is paid, but not as a holder."""


@pytest.mark.parametrize("who", PAYEES)
def test_statements(
    lived: Life, tmp_path: Path, who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The audit derives each row of the product's statement from the events."""
    rig, addresses = lived.rig, {"claim": lived.claim.address, "pool": lived.rig.pool.address}
    payee = addresses.get(who) or getattr(lived, who)
    signers = OracleSet(2, tuple(oracle.address for oracle in rig.oracles))
    nobody = "0x" + "00" * 20
    deployment = Deployment(
        31337, rig.token.address, rig.splits.address, rig.ledger.address, 0, signers, nobody,
        nobody, Modules(*[nobody] * len(fields(Modules))), WINDOW, nobody, nobody, nobody,
    )  # fmt: skip
    ledger = ChainLedger(Rpc(lived.url), deployment, 0)
    rows = ledger.statement(payee)
    assert PAYEES[who] <= {row.kind for row in rows}
    path = tmp_path / f"{payee}.csv"
    path.write_text(to_csv(rows))
    words = ["--rpc", lived.url, "--ledger", rig.ledger.address, "--ipfs", str(lived.blocks.root)]
    assert main([*words, "--require", "money", "--statement", str(path)]) == 0
    assert capsys.readouterr().out.count(" row ") == 10 * len(rows)


FILES = [("wav", "PCM_16", 44_100, 2), ("flac", "PCM_24", 48_000, 1), ("wav", "FLOAT", 32_000, 5),
         ("ogg", "VORBIS", 22_050, 2), ("mp3", "MPEG_LAYER_III", 44_100, 2)]


def song(rate: int, channels: int, seed: int) -> np.ndarray:
    """Five seconds of steady tones with a burst of noise every half second and a DC offset."""
    generator, time = np.random.default_rng(seed), np.arange(5 * rate) / rate
    x = sum(0.1 * np.sin(2 * np.pi * f * time) for f in (220, 331, 440 + 13 * seed, 660))
    x = np.repeat(x[:, None], channels, axis=1) + 0.01
    for start in range(rate // 10, len(x) - 4_000, rate // 2):
        burst = generator.normal(size=(4_000, channels)) * 0.3
        x[start:start + 4_000] += burst * np.exp(-np.arange(4_000) / 500)[:, None]
    return x


def edits(frames: int) -> list[Edit]:
    """Grains of every kind: shifted, faded, from before the start and after the end of a file."""
    draw = np.random.default_rng(5).integers
    found = []
    for unit in range(80):
        layer = (HARMONIC, PERCUSSIVE)[unit % 2]
        length, shift = int(draw(3_000, 30_000)), int(draw(-3, 4))
        found.append(Edit(
            layer=layer, start=int(draw(0, frames - length)), component=int(draw(1, 6)),
            source=int(draw(-2_000, 5 * 44_100)), length=length,
            step=STEPS[shift] if layer == HARMONIC else 1024, gain=int(draw(20_000, 80_000)),
            fade_in=int(draw(0, 1_500)), fade_out=int(draw(0, 1_500)), unit=unit,
        ))  # fmt: skip
    return found


@pytest.mark.slow
def test_renders_of_every_kind_of_file(tmp_path: Path) -> None:
    """The renderer of the product and that of the audit give the same samples."""
    frames, made, references = 6 * 44_100, {}, []
    for number, (kind, coding, rate, channels) in enumerate(FILES, 1):
        path = tmp_path / f"{number}.{kind}"
        soundfile.write(path, song(rate, channels, number), rate, subtype=coding)
        signal = Prepared(decode(path))
        made[number] = np.zeros((2, len(signal), 2), np.int32)
        layers.separate(signal, made[number], lambda *_: None)
        references.append({"audio": hashlib.sha256(path.read_bytes()).hexdigest()})
    envelope = ((0, 65_536), (100_000, 50_000), (200_000, 65_536))
    mixed = render.mix(render.pieces(edits(frames), made), frames)
    track = render.master(mixed, 70_000, envelope)
    trace = {
        "references": references, "frames": frames, "gain": 70_000,
        "edits": [asdict(edit) for edit in edits(frames)], "envelope": [list(p) for p in envelope],
    }  # fmt: skip
    assert compare_render(trace, tmp_path, track.astype("<i2").tobytes()) == (0, 0)
    off = track.astype("<i2")
    off[1_000, 1] += 3 if off[1_000, 1] < 0 else -3
    assert compare_render(trace, tmp_path, off.tobytes()) == (3, 1)


@pytest.mark.parametrize("name", ["a.aiff", "b.opus", "c.flac", "d.mp3", "e.wav", "f.flac"])
def test_the_audit_reads_what_a_node_decodes(tmp_path: Path, name: str) -> None:
    """Also a FLAC that states no length, and one with a tag after its last frame."""
    path = tmp_path / name
    how = {"format": "OGG", "subtype": "OPUS"} if name == "b.opus" else {}
    soundfile.write(path, song(48_000, 2, 1), 48_000, **how)
    if name == "c.flac":
        flac = path.read_bytes()
        path.write_bytes(flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:])
    if name == "f.flac":
        path.write_bytes(path.read_bytes() + b"TAG".ljust(128, b"\0"))
    samples, rate = read_samples(path)
    found = decode(path)
    assert rate == found.rate and np.array_equal(samples, found.samples)


def test_the_audit_names_a_file_that_it_cannot_read_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    with pytest.raises(Unreadable) as caught:
        read_samples(tmp_path / "x.wav")
    assert str(caught.value).startswith("x.wav cannot be decoded: ")
    assert str(tmp_path) not in str(caught.value)
