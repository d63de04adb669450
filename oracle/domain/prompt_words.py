"""Words of a prompt that steer a track, and the public integers that they become.

The table is the whole of what a prompt does. A trace holds the integers, so anybody can read off it
that a prompt has one of the words of a row, and nothing else about the prompt.
"""

from __future__ import annotations

import re

from oracle.domain.controls import Controls

WORDS: dict[str, tuple[str, int]] = {
    "calm": ("energy", -1),
    "quiet": ("energy", -1),
    "gentle": ("energy", -1),
    "build": ("build", 1),
    "builds": ("build", 1),
    "building": ("build", 1),
    "dense": ("density", 1),
    "sparse": ("density", -1),
    "bright": ("brightness", 1),
    "dark": ("brightness", -1),
    "percussive": ("drums", 1),
    "drums": ("drums", 1),
    "drumless": ("drums", -1),
    "fast": ("tempo", 1),
    "slow": ("tempo", -1),
}
"""Each word with the control that it moves, and the direction."""

DENIED = frozenset({"no", "not", "without", "never"})
"""Words that take the next word back; before ``drums`` and ``percussive`` they turn it round."""
TURNED = ("drums", "percussive")


def controls_of(prompt: str) -> Controls:
    """The controls of a prompt: -1 or 1 for each that its words move, in order of their names.

    Case does not matter. Words that pull one control both ways cancel out.
    """
    found = re.findall(r"[a-z]+", prompt.lower())
    sums: dict[str, int] = {}
    for before, word in zip(["", *found], found, strict=False):
        name, step = WORDS.get(word, ("", 0))
        if before in DENIED:
            step = -step if word in TURNED else 0
        sums[name] = sums.get(name, 0) + step
    return {name: 1 if total > 0 else -1 for name, total in sorted(sums.items()) if total}
