"""Audio files: decoded in a confined child process, refused by name, written as plain WAV.

No codec ever runs in the caller's process: a file that crashes libsndfile or unpacks to gigabytes
costs a child, not the node.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from oracle.domain.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 44_100
"""Frames a second of everything after decoding."""
SHORTEST = 2
"""Seconds; shorter recordings are refused."""
LIMITS: Mapping[str, Any] = {
    "rates": [8_000, 192_000],
    "channels": 8,
    "seconds": 20 * 60,
    "values": 120_000_000,
    "memory": 1536 * 1024 * 1024,
    "cpu": 60,
}
"""Frames a second, channels, seconds, samples in all channels, bytes and CPU seconds allowed."""
PATIENCE = 180.0
"""Seconds on the wall until a decoder is killed."""

_CHILD = Path(__file__).with_name("decode_child.py")
_REFUSED = 3
_PIECE = 1 << 20


class AudioError(InvalidInput):
    """A file that cannot be used; `field` says in what respect, `value` what was found."""

    title = "Unusable audio"


@dataclass(frozen=True)
class Decoded:
    """A decoded file.

    Args:
        samples: float32 of shape (frames, channels), finite, 1.0 is full scale.
        rate: frames a second, 8,000..192,000.
        digest: sha256 of the samples as little-endian float32, interleaved: files that differ
            only in their tags or time stamps share it.
    """

    samples: NDArray[np.float32]
    rate: int
    digest: str


def decode(path: Path, limits: Mapping[str, Any] = LIMITS) -> Decoded:
    """Decode a WAV, FLAC, MP3 or OGG file in a child process with bounded memory and time.

    Args:
        path: the file; what its name ends in means nothing.
        limits: see `LIMITS`; all keys are needed.

    Raises:
        AudioError: not audio, an unlikely header, longer than 20 minutes, shorter than 2 s,
            empty, silent (below -80 dBFS), not finite, or the decoder died of it.
    """
    import numpy as np

    header, content = _run_child(path, limits)
    values = np.frombuffer(content, dtype="<f4")
    samples = values[: len(values) // header["channels"] * header["channels"]]
    samples = samples.reshape(-1, header["channels"])
    _check(samples, header["rate"])
    return Decoded(samples, header["rate"], hashlib.sha256(samples.tobytes()).hexdigest())


def _check(samples: NDArray[np.float32], rate: int) -> None:
    import numpy as np

    frames = len(samples)
    if frames == 0:
        raise AudioError("holds no samples", field="audio.frames", value=0)
    if frames < SHORTEST * rate:
        seconds = f"{frames / rate:.3f}"
        raise AudioError(f"at least {SHORTEST} s", field="audio.seconds", value=seconds)
    finite = np.isfinite(samples)
    if not finite.all():
        count = int(samples.size - np.count_nonzero(finite))
        raise AudioError("samples are NaN or infinite", field="audio.samples", value=count)
    peak = float(np.max(np.abs(samples)))
    if peak < 1e-4:
        raise AudioError("silent", field="audio.peak", value=f"{peak:.6f}")
    if peak > 64.0:
        raise AudioError("far beyond full scale", field="audio.peak", value=f"{peak:.1f}")


def _run_child(path: Path, limits: Mapping[str, Any]) -> tuple[dict[str, Any], bytearray]:
    command = [sys.executable, "-I", str(_CHILD), str(path), json.dumps(dict(limits))]
    # One thread: each thread of a numerical library reserves address space under the limit.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        ) as child,
    ):
        timer = threading.Timer(PATIENCE, child.kill)
        timer.start()
        try:
            header, content = _collect(child.stdout)
        finally:
            child.kill() if sys.exc_info()[0] else child.wait()
            timer.cancel()
        if child.returncode != 0:
            raise _verdict(child.returncode, errors)
    return header, content


def _collect(stream: IO[bytes] | None) -> tuple[dict[str, Any], bytearray]:
    content = bytearray()
    if stream is None:
        raise RuntimeError("the child was started without a pipe")
    line = stream.readline(4096)
    while piece := stream.read(_PIECE):
        content += piece
    return (json.loads(line) if line.endswith(b"\n") else {}), content


def _verdict(status: int, errors: IO[bytes]) -> AudioError:
    if status != _REFUSED:
        died = f"signal {-status}" if status < 0 else f"status {status}"
        return AudioError("the decoder died of this file", field="audio", value=died)
    errors.seek(0)
    found = json.loads(errors.read().splitlines()[-1])
    return AudioError(found["detail"], field=found["field"], value=found["value"])


def wav_bytes(track: NDArray[np.int16], rate: int = RATE) -> bytes:
    """A canonical WAV file: 44 bytes of header (RIFF, fmt, data), then 16-bit PCM.

    Args:
        track: int16 of shape (frames, channels).
    """
    channels = track.shape[1]
    data = track.astype("<i2").tobytes()
    shape = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + shape
    return head + b"data" + struct.pack("<I", len(data)) + data


def samples_digest(track: NDArray[np.int16]) -> str:
    """sha256 of the 16-bit little-endian interleaved samples, 64 hex digits."""
    return hashlib.sha256(track.astype("<i2").tobytes()).hexdigest()
