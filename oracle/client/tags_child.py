"""Reads the tags of one untrusted audio file in a process with bounded memory and time.

`oracle/client/tags.py` runs it as a plain script, so it imports nothing of this package. The file
is stdin. It writes one line of JSON {"title", "artist", "isrc"}; each is cut to `LONGEST` letters.
"""

import json
import resource
import sys

LONGEST = 1_000
MEMORY = 512 * 1024 * 1024
SECONDS = 5


def first(found, name):
    """The first value of a field that the library keeps among its further fields."""
    values = found.other.get(name) or [""]
    return str(values[0])


def main():
    """Print title, artist and ISRC."""
    import tinytag

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = tinytag.TinyTag.get(file_obj=sys.stdin.buffer, duration=False)
    texts = {
        "title": found.title or "",
        "artist": found.artist or found.albumartist or "",
        "isrc": first(found, "isrc"),
    }
    print(json.dumps({name: text[:LONGEST] for name, text in texts.items()}))


if __name__ == "__main__":
    main()
