"""Measures the speed of the mosaic engine: `python -m scripts.bench.engine [--json FILE]`.

It uses three synthetic songs of one minute, and takes the best of three runs. Peers
do a comparable part of the work: librosa separates layers and finds beats and chroma, pyloudnorm
measures loudness.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from generator.audio.decode import RATE, decode, wav_bytes
from generator.engines.base import Source
from generator.engines.mosaic import Mosaic
from scripts.bench.figures import Figure, show, write
from scripts.bench.sound.measure import realised_miss

SECONDS = 60
LENGTH = 30
WEIGHTS = (500_000, 300_000, 200_000)
SONGS = ((100, 0), (104, 2), (96, 9))
"""Tempo in beats a minute, and key in semitones above the first song."""
ROUNDS = 3
SEEDS = 20


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest round."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def song(bpm: int, key: int) -> Any:
    """Noise bursts on the beat over chords that change with the bar, int16 of shape (frames, 2)."""
    import numpy as np

    dice = np.random.default_rng(bpm)
    moment = np.arange(SECONDS * RATE) / RATE
    beat = moment * bpm / 60
    drums = dice.normal(0, 0.2, (len(moment), 2)) * np.exp(-30 * (beat % 1) * 60 / bpm)[:, None]
    roots = key + np.array([0, 9, 5, 7])[(beat // 4).astype(int) % 4]
    chord = sum(np.sin(2 * np.pi * 220 * 2 ** ((roots + n) / 12) * moment) for n in (0, 4, 7))
    both = drums + 0.1 * chord[:, None]
    return np.rint(both / np.max(np.abs(both)) * 20_000).astype(np.int16)


def record_songs(folder: Path) -> list[Source]:
    """Write the songs as WAV files."""
    sources = []
    for number, (bpm, key) in enumerate(SONGS, 1):
        content = wav_bytes(song(bpm, key))
        path = folder / f"{number}.wav"
        path.write_bytes(content)
        sources.append(Source(number, hashlib.sha256(content).hexdigest(), path))
    return sources


def analysis(source: Source, folder: Path) -> Figure:
    """Analysis of one minute of audio, from file to record and layers; the goal is 5 s."""
    import soundfile

    counter = iter(range(1000))
    ours = best(lambda: Mosaic(folder / f"cold-{next(counter)}").analyse(source))
    samples, _ = soundfile.read(source.path, always_2d=True)
    theirs = best(lambda: librosa_analysis(samples.T))
    return Figure("analysis, s a minute (peer: librosa)", ours, 5, True, theirs)


def librosa_analysis(samples: Any) -> None:
    """librosa's separation of both channels, beats and chroma."""
    import librosa
    import numpy as np

    spectra = librosa.stft(np.ascontiguousarray(samples), n_fft=2048, hop_length=512)
    harmonic, percussive = librosa.decompose.hpss(spectra, kernel_size=(17, 31))
    librosa.istft(harmonic, hop_length=512)
    librosa.istft(percussive, hop_length=512)
    mono = samples.mean(axis=0)
    librosa.beat.beat_track(y=mono, sr=RATE)
    librosa.feature.chroma_stft(y=mono, sr=RATE)


def generation(engine: Mosaic, sources: Sequence[Source]) -> list[Figure]:
    """Generation and replay of a track of 30 s from three analysed references."""
    made = engine.generate(sources, WEIGHTS, 1, LENGTH)
    making = best(lambda: engine.generate(sources, WEIGHTS, 1, LENGTH))
    replaying = best(lambda: engine.replay(made.trace, sources))
    misses = [realised_miss(trace_of(engine, sources, seed)) for seed in range(SEEDS)]
    return [
        Figure("generation, times real time", LENGTH / making, 8, False),
        Figure("replay, times real time", LENGTH / replaying, 8, False),
        Figure("trace, kB of JSON", len(made.trace.to_json()) / 1000, 1000, True),
        Figure("realised from asked, most of 20 seeds", max(misses), 0.05, True),
        metering(made.track / 32_768),
    ]


def trace_of(engine: Mosaic, sources: Sequence[Source], seed: int) -> Any:
    """The trace of another track."""
    return engine.generate(sources, WEIGHTS, seed, LENGTH).trace


def metering(track: Any) -> Figure:
    """The loudness meter on a track."""
    import pyloudnorm

    from generator.engines.mosaic.loudness import loudness

    ours = best(lambda: loudness(track))
    theirs = best(lambda: pyloudnorm.Meter(RATE).integrated_loudness(track))
    return Figure("loudness, s (peer: pyloudnorm)", ours, theirs, True, theirs)


def decoding(source: Source) -> Figure:
    """Decoding one minute of WAV in a confined child; the peer reads it in this process."""
    import soundfile

    ours = best(lambda: decode(source.path))
    theirs = best(lambda: soundfile.read(source.path, dtype="float32"))
    return Figure("decoding, s a minute (peer: unconfined)", ours, 1, True, theirs)


def starting() -> Figure:
    """Import of the engines, as in every command."""
    command = [sys.executable, "-c", "import generator.engines"]
    peer = [sys.executable, "-c", "import librosa.beat, librosa.decompose, numba"]
    ours = best(lambda: subprocess.run(command, check=True))
    theirs = best(lambda: subprocess.run(peer, check=True))
    return Figure("import, s (peer: librosa)", ours, 0.5, True, theirs)


def measure(folder: Path) -> list[Figure]:
    """All figures."""
    sources = record_songs(folder)
    engine = Mosaic(folder / "cache")
    for source in sources:
        engine.analyse(source)
    first = [analysis(sources[0], folder), decoding(sources[0]), starting()]
    return [*first, *generation(engine, sources)]


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(Path(scratch))
    show(figures)
    write(figures, given.json)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
