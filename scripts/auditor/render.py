"""Renders a track again from its trace and the references (docs/formats/mosaic.md, Render)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from .report import Unreadable
from .vectors import MOST_REFERENCES

RENDER_SLACK = 2
PIECE, MOST_FRAMES = 65_536, 120_000_000
"""Frames of one read, and of a whole file at most."""
RATE, BLOCK, HOP, SPAN = 44_100, 1024, 512, 2048
STEPS = {-3: 861, -2: 912, -1: 967, 0: 1024, 1: 1085, 2: 1149, 3: 1218}
SEPARATION: dict[str, Any] = {
    "rate": RATE, "highpass_hertz": 25, "window": SPAN, "hop": HOP, "layer_bits": 23,
    "median_frames": 17, "median_bins": 31, "fade_bits": 24, "fade_halves": 3,
    "resample": {"method": "sinc_interp_hann", "lowpass_filter_width": 24,
                 "rolloff_hundredths": 95},
    "resampler": {"taps": 32, "phases": 1024, "kernel_bits": 22, "kaiser_beta": 6,
                  "cutoff_hundredths": 90},
}
"""The constants of this renderer, in the form in which a trace states them."""


def separation(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The constants that a trace must state.

    Version 1 lists the steps of its shifts with them, and has no choice of fades.
    """
    if trace["refrain_trace"] != 1:
        return SEPARATION
    steps = {"steps": {str(n): step for n, step in STEPS.items()}}
    older = {name: value for name, value in SEPARATION.items() if name != "fade_halves"}
    return older | {"resampler": SEPARATION["resampler"] | steps}


def decoded(path: Path) -> Any:
    """Steps 1 to 3: float64 of shape (2, frames) at 44,100 Hz, with a high-pass at 25 Hz."""
    import numpy as np
    from scipy.signal import lfilter

    samples, rate = read_samples(path)
    x = samples.astype(np.float64).T
    rest = x[2:].mean(axis=0) if len(x) > 2 else None
    x = x[[0, 0]] if len(x) == 1 else x[:2] if rest is None else (x[:2] + rest) / 2
    k = math.tan(math.pi * 25 / RATE)
    d = 1 + math.sqrt(2) * k + k * k
    b = np.array([1, -2, 1]) / d
    a = [1, 2 * (k * k - 1) / d, (1 - math.sqrt(2) * k + k * k) / d]
    return lfilter(b, a, resampled(x, rate))


def read_samples(path: Path) -> tuple[Any, int]:
    """Step 1: float32 of shape (frames, channels), and frames a second."""
    import numpy as np
    import soundfile

    try:
        with path.open("rb", buffering=0) as file:
            sound: Any = soundfile.SoundFile(file.fileno(), closefd=False)
            # A seek after each read would damage the next frames of an MP3.
            sound.seekable = lambda: False
            return np.concatenate([*_blocks(sound)]), int(sound.samplerate)
    except (soundfile.SoundFileError, ValueError) as error:
        reason = getattr(error, "error_string", error)
        raise Unreadable(f"{path.name} cannot be decoded: {reason}") from None


def _blocks(sound: Any) -> Iterator[Any]:
    """A file in pieces, because a FLAC that was streamed states no length to make room for."""
    left = min(sound.frames, MOST_FRAMES)
    while left:
        block = sound.read(min(left, PIECE), dtype="float32", always_2d=True)
        if not len(block):
            return
        yield block
        left -= len(block)


def resampled(x: Any, rate: int) -> Any:
    """Step 2: a windowed sinc per phase, from `rate` to 44,100 Hz."""
    import numpy as np

    if rate == RATE:
        return x
    common = math.gcd(rate, RATE)
    old, new = rate // common, RATE // common
    base = min(old, new) * 0.95
    width = math.ceil(24 * old / base)
    wanted = -(-RATE * x.shape[1] // rate)
    blocks = -(-wanted // new)
    padded = np.zeros((2, max(blocks * old + 2 * width + old, x.shape[1] + width)))
    padded[:, width:width + x.shape[1]] = x
    y = np.empty((2, blocks, new))
    taps = np.arange(2 * width + old)
    rows = np.lib.stride_tricks.sliding_window_view(padded, len(taps), axis=1)[:, ::old][:, :blocks]
    for phase in range(new):
        t = np.clip((-phase / new + (taps - width) / old) * base, -24, 24)
        kernel = np.sinc(t) * np.cos(math.pi * t / 48) ** 2 * base / old
        y[:, :, phase] = rows @ kernel
    return y.reshape(2, -1)[:, :wanted]


@lru_cache(maxsize=MOST_REFERENCES)
def layers(path: Path) -> dict[str, Any]:
    """Step 4: the layers of a file, int32 in units of 2^-23, shape (2, frames)."""
    import numpy as np
    from scipy.ndimage import median_filter

    s = decoded(path)
    count = (s.shape[1] + 1535) // HOP + 1
    window = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(SPAN) / SPAN)
    padded = np.zeros((2, (count - 1) * HOP + SPAN))
    padded[:, 1536:1536 + s.shape[1]] = s
    frames = np.lib.stride_tricks.sliding_window_view(padded, SPAN, axis=1)[:, ::HOP]
    h = np.zeros_like(padded)
    for first in range(0, count, BLOCK):
        # 8 more frames on each side, for the median over time.
        low, high = max(first - 8, 0), min(first + BLOCK + 8, count)
        x = np.fft.rfft(frames[:, low:high] * window)
        power = (np.abs(x) ** 2).sum(axis=0)
        harmonic = median_filter(power, (17, 1), mode="constant", cval=0.0)
        percussive = median_filter(power, (1, 31), mode="mirror")
        mask = (harmonic + 1e-20) / (harmonic + percussive + 2e-20)
        back = np.fft.irfft(x * mask, n=SPAN) * window
        for frame in range(first, min(first + BLOCK, count)):
            h[:, frame * HOP:frame * HOP + SPAN] += back[:, frame - low]
    total = np.rint(s * 2**23).astype(np.int32)
    harmonic = np.rint(h[:, 1536:1536 + s.shape[1]] / 1.5 * 2**23).astype(np.int32)
    return {"harmonic": harmonic, "percussive": total - harmonic}


def cut(x: Any, first: int, length: int) -> Any:
    """Samples from `first` on, zero outside."""
    import numpy as np

    out = np.zeros((2, length))
    low, high = max(first, 0), min(first + length, x.shape[1])
    if low < high:
        out[:, low - first:high - first] = x[:, low:high]
    return out


def grain(x: Any, edit: Mapping[str, Any]) -> Any:
    """Step 5: the samples of one edit, resampled if it plays faster or slower than its source."""
    import numpy as np

    length, source = edit["length"], edit["source"]
    step = edit["step"] if "step" in edit else STEPS[edit["semitones"]]
    if step == 1024:
        return cut(x, source, length) / 2**23
    c = 0.9 * min(1.0, 1024 / step)
    q, phase = np.divmod(np.arange(length) * step, 1024)
    piece = cut(x, source - 15, int(q[-1]) + 32)
    out = np.zeros((2, length))
    for j in range(-15, 17):
        t = j - phase / 1024
        inside = np.sqrt(np.clip(1 - (t / 16) ** 2, 0, None))
        g = c * np.sinc(c * t) * np.i0(6 * inside) / np.i0(6.0)
        out += piece[:, q + j + 15] * np.rint(np.where(np.abs(t) < 16, g, 0) * 2**22)
    return out / 2**45


def faded(frames: int, *, squared: bool) -> Any:
    """The gains of a fade-in: a quarter of a sine to the power of 1.5; of 2 in version 1."""
    import numpy as np

    k = np.arange(frames)
    sine = np.sin(math.pi / 2 * (k + 0.5) / max(frames, 1))
    return np.rint(sine * (sine if squared else np.sqrt(sine)) * 2**24) / 2**24


def piece(parts: Mapping[int, Mapping[str, Any]], edit: Mapping[str, Any]) -> Any:
    """The samples of one edit of these layers, with fades and gain."""
    import numpy as np

    fade = np.ones(edit["length"])
    for size, end in ((edit["fade_in"], 1), (edit["fade_out"], -1)):
        fade[::end][:size] *= faded(size, squared="semitones" in edit)
    return grain(parts[edit["component"]][edit["layer"]], edit) * fade * (edit["gain"] / 65536)


def master(trace: Mapping[str, Any]) -> Any:
    """Step 6: the gain of every frame."""
    import numpy as np

    points = np.array(trace["envelope"])
    envelope = np.interp(np.arange(trace["frames"]), points[:, 0], points[:, 1])
    return (trace["gain"] / 65536) * (envelope / 65536)


@lru_cache(maxsize=1)
def files_by_hash(folder: Path) -> dict[str, Path]:
    """Every file of a folder by the sha256 of its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {sha256(path.read_bytes()).hexdigest(): path for path in files}


def find_references(trace: Mapping[str, Any], folder: Path) -> list[Path]:
    """The file of each reference, by sha256 of its bytes."""
    found = files_by_hash(folder)
    wanted = [reference["audio"] for reference in trace["references"]]
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Unreadable(f"{folder} holds no file with sha256 {', '.join(missing)}")
    return [found[name] for name in wanted]


def compare_render(trace: Mapping[str, Any], folder: Path, samples: bytes) -> tuple[int, int]:
    """The largest difference from the 16-bit samples, and the number of samples that differ."""
    import numpy as np

    files = find_references(trace, folder)
    mix = np.zeros((2, trace["frames"]))
    parts = {number: layers(path) for number, path in enumerate(files, 1)}
    for edit in trace["edits"]:
        mix[:, edit["start"]:edit["start"] + edit["length"]] += piece(parts, edit)
    track = np.clip(np.rint(mix * master(trace) * 32768), -32768, 32767).T
    pinned = np.frombuffer(samples, "<i2").reshape(-1, 2)
    if pinned.shape != track.shape:
        raise Unreadable(f"the track has shape {pinned.shape}, the trace renders {track.shape}")
    difference = np.abs(pinned - track)
    return int(difference.max()), int((difference > 0).sum())
