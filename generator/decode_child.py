"""Decodes one untrusted audio file, alone in a process that can neither grow, last nor write files.

Run by `generator/audio.py` as a plain script, so it imports nothing of ours. On stdout: one line
of JSON {"rate", "channels", "frames"} from the header, then interleaved little-endian float32.
A refusal is one line of JSON {"field", "value", "detail"} at the end of stderr and exit status 3.
"""

import json
import resource
import sys

REFUSED = 3
BLOCK = 65_536
FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "MP3", "OGG")


def confine(limits):
    """Bound memory, processor time and files; each limit is final for this process."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse(field, value, detail):
    """Say why on stderr and leave."""
    verdict = {"field": field, "value": str(value), "detail": detail}
    print("\n" + json.dumps(verdict), file=sys.stderr, flush=True)
    sys.exit(REFUSED)


def check(found, limits):
    """The header, before a single sample is decoded."""
    low, high = limits["rates"]
    if found.format not in FORMATS:
        refuse("audio.format", found.format, "only WAV, FLAC, MP3 and OGG")
    if not low <= found.samplerate <= high:
        refuse("audio.rate", found.samplerate, f"between {low} and {high} frames a second")
    if not 1 <= found.channels <= limits["channels"]:
        refuse("audio.channels", found.channels, f"at most {limits['channels']} channels")
    if found.frames > limits["seconds"] * found.samplerate:
        refuse("audio.seconds", found.frames // found.samplerate, f"at most {limits['seconds']} s")
    if found.frames * found.channels > limits["values"]:
        refuse("audio.frames", found.frames, f"at most {limits['values']} samples in all channels")


def pour(sound, limits):
    """Decode in blocks; a header that promised fewer frames than there are is caught here."""
    left = min(limits["values"], limits["seconds"] * sound.samplerate * sound.channels)
    while True:
        block = sound.read(BLOCK, dtype="float32", always_2d=True)
        if len(block) == 0:
            return
        left -= block.size
        if left < 0:
            refuse("audio.frames", "more than the header says", "longer than allowed")
        sys.stdout.buffer.write(block.astype("<f4").tobytes())


def main():
    """Decode the file in argv[1] under the limits (JSON) in argv[2]."""
    import soundfile  # its libraries are mapped before the memory limit takes hold

    path, limits = sys.argv[1], json.loads(sys.argv[2])
    confine(limits)
    try:
        with soundfile.SoundFile(path) as sound:
            # After each read soundfile seeks to where it already is, which in an MP3 drops the bit
            # reservoir and damages the next frames; what cannot seek is left alone.
            sound.seekable = lambda: False
            check(sound, limits)
            names = ("rate", sound.samplerate), ("channels", sound.channels)
            header = dict(names, frames=sound.frames)
            sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
            pour(sound, limits)
            sys.stdout.buffer.flush()
    except (soundfile.LibsndfileError, RuntimeError) as error:
        refuse("audio", type(error).__name__, f"cannot be decoded: {error}")
    except MemoryError:
        refuse("audio", "MemoryError", "needs more memory to decode than allowed")


if __name__ == "__main__":
    main()
