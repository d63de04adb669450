"""Decodes audio files in a confined child process, and writes plain WAV.

No codec runs in the caller's process: a file that crashes libsndfile or unpacks to gigabytes ends
the child process, not the node. A refused file gets an error that names the field and the value.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from oracle.domain import containers
from oracle.domain.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 44_100
"""Frames a second of everything after decoding."""
LIMITS: Mapping[str, Any] = {
    "rates": list(containers.RATES),
    "channels": containers.MOST_CHANNELS,
    "seconds": containers.LONGEST,
    "values": containers.MOST_VALUES,
    "memory": 1536 * 1024 * 1024,
    "cpu": 60,
}
"""The most frames a second, channels, seconds, samples in all channels, bytes and CPU seconds."""
PATIENCE = 180.0
"""Seconds of wall-clock time after which a decoder is killed."""

_CHILD = Path(__file__).with_name("decode_child.py")
_REFUSED = 3
_PIECE = 1 << 20


class AudioError(InvalidInput):
    """A file that the engines cannot use; `field` names the property, `value` holds what it was."""

    title = "Unusable audio"


@dataclass(frozen=True)
class Decoded:
    """A decoded file.

    Args:
        samples: float32 of shape (frames, channels), finite, 1.0 is full scale.
        rate: frames a second, 8,000..192,000.
        digest: sha256 of the samples as little-endian float32, interleaved. Files that differ
            only in their tags or time stamps have the same digest.
    """

    samples: NDArray[np.float32]
    rate: int
    digest: str


def decode(path: Path, limits: Mapping[str, Any] = LIMITS) -> Decoded:
    """Decode a WAV, AIFF, FLAC, MP3 or Ogg file in a child process with bounded memory and time.

    The headers are read before in this process. The child gets the open file, so neither the name
    of the file nor its encoding matters.

    Args:
        path: the file; its extension is ignored.
        limits: see `LIMITS`; every key is required.

    Raises:
        AudioError: no plain file, not audio, an unlikely header, cut, more than one stream, longer
            than 20 minutes, shorter than 2 s, empty, silent (below -80 dBFS), not finite, or a file
            on which the decoder crashed. It never names the folder of the file.
    """
    import numpy as np

    with _opened(path) as file:
        sound = _surveyed(file)
        os.lseek(file.fileno(), 0, os.SEEK_SET)  # the child's position, not that of a buffer
        header, content = _run_child(file, limits)
    values = np.frombuffer(content, dtype="<f4")
    samples = values[: len(values) // header["channels"] * header["channels"]]
    samples = samples.reshape(-1, header["channels"])
    _require_whole(sound, len(samples), header["rate"])
    _check(samples, header["rate"])
    return Decoded(samples, header["rate"], hashlib.sha256(samples.data).hexdigest())


def _opened(path: Path) -> BinaryIO:
    """The open file. A pipe or a device is refused and never waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise AudioError(f"cannot be opened: {error.strerror}", field="audio") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise AudioError("is not a plain file", field="audio")
    return open(handle, "rb")


def _surveyed(file: BinaryIO) -> containers.Sound:
    try:
        return containers.survey(file)
    except InvalidInput as error:
        raise AudioError(error.detail, field=error.field, value=error.value) from None


def _require_whole(sound: containers.Sound, frames: int, rate: int) -> None:
    """A damaged part is dropped by a decoder without a word; then the sound is too short.

    Args:
        rate: frames a second after decoding; Opus counts 48,000 in the file and may decode to less.
    """
    if sound.frames is not None and frames * sound.rate < (sound.frames - sound.slack) * rate:
        detail = f"is damaged: its headers say {sound.seconds:.3f} s, but it decodes to less"
        seconds = f"{frames / rate:.3f}"
        raise AudioError(detail, field="audio.seconds", value=seconds)


def _check(samples: NDArray[np.float32], rate: int) -> None:
    import numpy as np

    frames = len(samples)
    if frames == 0:
        raise AudioError("holds no samples", field="audio.frames", value=0)
    if frames < containers.SHORTEST * rate:
        seconds = f"{frames / rate:.3f}"
        detail = f"must be at least {containers.SHORTEST} s"
        raise AudioError(detail, field="audio.seconds", value=seconds)
    odd, peak = 0, 0.0
    for first in range(0, frames, _PIECE):  # in pieces, because a mask or a copy is large
        piece = samples[first : first + _PIECE]
        odd += int(piece.size - np.count_nonzero(np.isfinite(piece)))
        peak = max(peak, float(np.max(np.abs(piece))))
    _require_levels(odd, peak)


def _require_levels(odd: int, peak: float) -> None:
    if odd:
        raise AudioError("holds NaN or infinite samples", field="audio.samples", value=odd)
    if peak < 1e-4:
        raise AudioError("silent", field="audio.peak", value=f"{peak:.6f}")
    if peak > 64.0:
        raise AudioError("is far above full scale", field="audio.peak", value=f"{peak:.1f}")


def _run_child(file: BinaryIO, limits: Mapping[str, Any]) -> tuple[dict[str, Any], bytearray]:
    command = [sys.executable, "-I", str(_CHILD), json.dumps(dict(limits))]
    # One thread: each thread of a numerical library reserves address space under the limit.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        ) as child,
    ):
        timer = threading.Timer(PATIENCE, child.kill)
        timer.start()
        try:
            header, content = _collect(child.stdout)
            child.wait()
        except BaseException:
            child.kill()
            raise
        finally:
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
        return AudioError("makes the decoder crash", field="audio", value=died)
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
