"""Traces that somebody else wrote: whether this node can and should render them again."""

from __future__ import annotations

from generator.attribution.trace import Edit, Trace
from generator.attribution.trace_json import trace_from_dict
from generator.audio import RATE
from generator.engines.base import Source
from generator.job import LONGEST
from generator.vault import Vault
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput

MOST_BYTES = 8 * 1024 * 1024
MOST_EDITS = 50_000
MOST_FRAMES = (LONGEST + 10) * RATE
"""Tracks end on whole bars, so they may be a little longer than asked."""
MOST_LAYERED = 16
"""Edits may cover the track this many times over; two layers with fades need about 2.2."""
MARGIN = RATE
"""Frames beyond either end of a recording that an edit may read; they are silence."""


def read(content: bytes) -> Trace:
    """A trace whose rendering takes bounded memory and time.

    Raises:
        InvalidInput: naming the field, such as ``edits[3].source``, and its value.
    """
    trace = trace_from_dict(canonical.loads(content))
    covered = sum(edit.length for edit in trace.edits)
    rules: tuple[tuple[bool, str, object], ...] = (
        (trace.rate == RATE, "rate", trace.rate),
        (trace.frames <= MOST_FRAMES, "frames", trace.frames),
        (0 < len(trace.edits) <= MOST_EDITS, "edits", len(trace.edits)),
        (covered <= MOST_LAYERED * trace.frames, "edits", covered),
    )
    for holds, field, value in rules:
        if not holds:
            raise InvalidInput("is not what this node replays", field=field, value=value)
    return trace


def sources(trace: Trace, vault: Vault) -> list[Source]:
    """The trace's references in the vault, and every edit inside one of them.

    Raises:
        NotFound: a reference is not held.
        InvalidInput: an edit reads from where its recording has no audio.
    """
    found = [
        vault.source(reference.recording, reference.audio, f"references[{index}]")
        for index, reference in enumerate(trace.references)
    ]
    frames = [(vault.find(source.recording).seconds + 1) * RATE for source in found]
    for index, edit in enumerate(trace.edits):
        if not _inside(edit, frames[edit.component - 1]):
            place = f"edits[{index}].source"
            raise InvalidInput("lies outside its recording", field=place, value=edit.source)
    return found


def _inside(edit: Edit, frames: int) -> bool:
    read_to = edit.source + edit.length * 2 ** (edit.semitones / 12)
    return edit.source >= -MARGIN and read_to <= frames + MARGIN
