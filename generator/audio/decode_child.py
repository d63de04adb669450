"""Decodes one untrusted audio file in a process with bounded memory and time that writes no files.

`generator/audio/decode.py` runs it as a plain script, so it imports nothing of this package. The
file is stdin, already open: this process never learns its name. It writes to stdout one line of
JSON {"rate", "channels", "frames"} from the header, then interleaved little-endian float32. A
refusal is one line of JSON {"field", "value", "detail"} at the end of stderr and exit status 3.
"""

import json
import resource
import sys

REFUSED = 3
BLOCK = 65_536
FORMATS = ("WAV", "WAVEX", "RF64", "AIFF", "FLAC", "MP3", "OGG")
UNKNOWN = 1 << 62
"""From here on a number of frames means that the header has none, as in a stream."""


def confine(limits):
    """Bound memory, processor time and files; this process cannot raise a limit again."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse(field, value, detail):
    """Write the reason to stderr and exit."""
    verdict = {"field": field, "value": str(value), "detail": detail}
    print("\n" + json.dumps(verdict), file=sys.stderr, flush=True)
    sys.exit(REFUSED)


def check(found, limits):
    """Check the header before any sample is decoded."""
    low, high = limits["rates"]
    if found.format not in FORMATS:
        refuse("audio.format", found.format, "only WAV, AIFF, FLAC, MP3 and Ogg")
    if not low <= found.samplerate <= high:
        refuse("audio.rate", found.samplerate, f"between {low} and {high} frames a second")
    if not 1 <= found.channels <= limits["channels"]:
        refuse("audio.channels", found.channels, f"at most {limits['channels']} channels")
    if found.frames >= UNKNOWN:
        return
    if found.frames > limits["seconds"] * found.samplerate:
        refuse("audio.seconds", found.frames // found.samplerate, f"at most {limits['seconds']} s")
    if found.frames * found.channels > limits["values"]:
        refuse("audio.frames", found.frames, f"at most {limits['values']} samples in all channels")


def reason(fault):
    """What libsndfile says, without its word for an error and without a path."""
    return fault.error_string.removeprefix("Error : ").rstrip(".")


def write_samples(sound, limits, faults):
    """Decode in blocks; refuse a file with more frames than allowed, whatever its header says."""
    done, rate = 0, sound.samplerate
    most = min(limits["values"] // sound.channels, limits["seconds"] * rate)
    # Reading stops at the header's length: after it a FLAC may hold a tag, which is no frame.
    while done < sound.frames:
        try:
            block = sound.read(min(BLOCK, sound.frames - done), dtype="float32", always_2d=True)
        except faults as fault:
            whole = "" if sound.frames >= UNKNOWN else f" of {sound.frames / rate:.3f} s"
            detail = f"cannot be decoded after {done / rate:.3f} s{whole}: {reason(fault)}"
            refuse("audio", f"error {fault.code}", detail)
        if len(block) == 0:
            return
        done += len(block)
        if done > most:
            refuse("audio.seconds", "more", f"at most {limits['seconds']} s")
        sys.stdout.buffer.write(block.astype("<f4").tobytes())


def main():
    """Decode the file on stdin under the limits (JSON) in argv[1]."""
    import soundfile  # loads its libraries before the memory limit applies

    limits = json.loads(sys.argv[1])
    confine(limits)
    try:
        with soundfile.SoundFile(0, closefd=False) as sound:
            # After each read soundfile seeks to its current position. In an MP3 that drops the bit
            # reservoir and damages the next frames, so the file must appear not seekable.
            sound.seekable = lambda: False
            check(sound, limits)
            names = ("rate", sound.samplerate), ("channels", sound.channels)
            header = dict(names, frames=sound.frames)
            sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
            write_samples(sound, limits, soundfile.LibsndfileError)
            sys.stdout.buffer.flush()
    except soundfile.LibsndfileError as error:
        refuse("audio", f"error {error.code}", f"cannot be decoded: {reason(error)}")
    except RuntimeError as error:
        refuse("audio", type(error).__name__, f"cannot be decoded: {error}")
    except MemoryError:
        refuse("audio", "MemoryError", "needs more memory to decode than allowed")


if __name__ == "__main__":
    main()
