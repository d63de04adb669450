"""Hand-made content for the auditor's tests: a WAV, a trace, a manifest and a store of blocks.

It uses no code of the product or of the audit: each format is written here a third time, by other
means if there are any.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import wave
from base64 import b32encode
from fractions import Fraction
from itertools import combinations
from math import comb, exp, log
from pathlib import Path
from typing import Any

MILLION = 1_000_000
RATE = 44_100


def canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def raw_cid(data: bytes) -> str:
    packed = bytes.fromhex("01551220" + digest(data))
    return "b" + b32encode(packed).decode().lower().rstrip("=")


class Blocks:
    """The folder layout: blocks/<first two of the digest>/<digest>."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, data: bytes) -> Path:
        name = digest(data)
        return self.root / "blocks" / name[:2] / name

    def put(self, data: bytes) -> str:
        """One raw block, so at most 1 MiB."""
        if len(data) > 1 << 20:
            raise RuntimeError("one block holds at most 1 MiB")
        path = self.path(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return raw_cid(data)


def wav(frames: int, pitch: int) -> bytes:
    """A sawtooth by the standard library's own writer."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        samples = ((i * pitch) % 20_000 - 10_000 for i in range(frames))
        file.writeframes(b"".join(struct.pack("<hh", s, -s) for s in samples))
    return out.getvalue()


def vector(weights: dict[int, int]) -> list[dict[str, int]]:
    return [{"recording": r, "weight": w} for r, w in sorted(weights.items()) if w]


def rounded(scores: dict[int, Fraction]) -> dict[int, int]:
    """Largest remainder in exact fractions; ties to the lower recording."""
    total = sum(scores.values())
    exact = {r: s * MILLION / total for r, s in scores.items()}
    whole = {r: int(x) for r, x in exact.items()}
    order = sorted(exact, key=lambda r: (whole[r] - exact[r], r))
    for recording in order[: MILLION - sum(whole.values())]:
        whole[recording] += 1
    return whole


BEAT = RATE // 2
"""Frames of a beat at 120 a minute."""
SILENT = 5
"""The unit that is too quiet to count."""


def edit(unit: int, component: int, gap: int = 0) -> dict[str, Any]:
    """An edit that fills its unit, but for a gap at the end."""
    return {
        "layer": ("harmonic", "percussive")[unit % 2], "start": unit // 2 * BEAT,
        "length": BEAT - gap, "component": component, "source": 0, "step": 1024, "gain": 65_536,
        "fade_in": 64, "fade_out": 64, "unit": unit,
    }  # fmt: skip


def trace(references: list[dict[str, Any]], seed: int, asked: list[int]) -> dict[str, Any]:
    """Eight units over the references; frames chosen so that remainders tie and differ."""
    components = len(references) + 1
    draws = [1 + t % len(references) for t in range(8)]
    edits = [edit(t, draws[t], 14 * (7 - t)) for t in range(8)]
    loud = [5_000_000 * BEAT if t != SILENT else BEAT for t in range(8)]
    return {
        "refrain_trace": 2,
        "engine": {"name": "mosaic", "version": "1"},
        "seed": str(seed), "rate": RATE, "frames": 5 * RATE, "bpm": 120,
        "references": [
            {"recording": r["recording"], "audio": r["audio"], "record": "00" * 32, "shift": 0}
            for r in references
        ],
        "prior": [0, *asked],
        "draws": draws,
        "frames_drawn": [(BEAT - 14 * (7 - t)) // 2 if t != SILENT else 0 for t in range(8)],
        "levels": loud,
        "log_likelihood": [
            [-9_000_000 if j == 0 else -(4 + 3 * (j != draws[t]) + t % 3) * 1_000_000 - j
             for j in range(components)]
            for t in range(8)
        ],
        "audible": [0, *(1_000 + 300 * j for j in range(1, components))],
        "separation": {}, "edits": edits, "gain": 65_536, "envelope": [[0, 65_536]],
        "plan": [{"name": "all", "bar": 0, "bars": 1, "level": 65_536, "density": 1_000,
                  "drums": 1}],
        "controls": {}, "groups": [],
    }  # fmt: skip


def without_edits(made: dict[str, Any]) -> dict[str, Any]:
    """The trace in version 1 and without edits: only there a unit may be drawn from nobody."""
    for key in ("levels", "plan", "controls", "groups"):
        del made[key]
    return {**made, "refrain_trace": 1, "strength": [MILLION] * len(made["draws"]), "edits": []}


def sure_vectors(made: dict[str, Any]) -> dict[str, dict[int, int]]:
    ids = [0, *(r["recording"] for r in made["references"])]
    frames = {r: Fraction(0) for r in ids}
    for draw, count in zip(made["draws"], made["frames_drawn"], strict=True):
        frames[ids[draw]] += count
    energy = {r: Fraction(e) for r, e in zip(ids, made["audible"], strict=True)}
    return {
        "declared": dict(zip(ids, made["prior"], strict=True)),
        "realised": rounded(frames),
        "audible": rounded(energy),
    }


def _densities(made: dict[str, Any]) -> list[tuple[int, float, list[float]]]:
    """Per audible unit its frames, b = 0.05 p_0 and the players' 0.95 w_i p_i."""
    rows = zip(made["frames_drawn"], made["log_likelihood"], strict=True)
    return [
        (frames, 0.05 * exp(row[0] / 1e6), [
            0.95 * (w / 1e6) * exp(x / 1e6)
            for w, x in zip(made["prior"][1:], row[1:], strict=True)
        ])
        for frames, row in rows if frames
    ]


def _responsibility(made: dict[str, Any]) -> list[float]:
    units = _densities(made)
    return [
        sum(f * players[j] / (b + sum(players)) for f, b, players in units)
        for j in range(len(made["references"]))
    ]


def _worth(made: dict[str, Any], coalition: tuple[int, ...]) -> float:
    return sum(
        f * log(1 + sum(players[j] for j in coalition) / b) / log(1 + sum(players) / b)
        for f, b, players in _densities(made)
    )


def _shapley(made: dict[str, Any]) -> list[float]:
    count = len(made["references"])
    values = []
    for j in range(count):
        others = [i for i in range(count) if i != j]
        values.append(sum(
            (_worth(made, (*s, j)) - _worth(made, s)) / (count * comb(count - 1, size))
            for size in range(count) for s in combinations(others, size)
        ))
    return values


def vectors(made: dict[str, Any]) -> dict[str, dict[int, int]]:
    """All five, by their definitions and nothing cleverer."""
    ids = [r["recording"] for r in made["references"]]
    games = {"responsibility": _responsibility(made), "shapley": _shapley(made)}
    likely = {
        name: rounded({r: Fraction(x) for r, x in zip(ids, found, strict=True)})
        for name, found in games.items()
    }
    return {**sure_vectors(made), **likely}
