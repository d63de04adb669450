"""Renders a trace of another node again and compares it with the audio that it claims to be.

The rendered audio never leaves this process: whoever asks gets one small number. A trace is any
edit list, so rendered audio would be a copy of any recording in the vault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.attribution.trace import NATIVE, Edit, Trace
from generator.attribution.trace_json import trace_from_dict
from generator.audio.decode import RATE, wav_bytes
from generator.engines.base import Engine, Progress, ReplayableEngine, Source
from oracle.domain import canonical
from oracle.domain import trace as ordered_trace
from oracle.domain.audio import largest_difference, read_wave
from oracle.domain.errors import InvalidInput
from oracle.domain.request import LONGEST, parse_request

MOST_TOLD = 16
"""Largest difference that an answer names, in steps of the last bit; larger ones are told as this.
Processors differ by one step. A finer answer would tell more about a recording that is guessed."""

MOST_EDITS = 50_000
MOST_FRAMES = (LONGEST + 10) * RATE
"""Tracks end on whole bars, so they may be a little longer than requested."""
MOST_LAYERED = 16
"""How often edits may cover the track; two layers with fades need about 2.2."""
MARGIN = RATE
"""Frames beyond either end of a recording that an edit may read as silence."""


def difference(
    engine_of: Callable[[str], Engine], wanted: Mapping[str, Any], progress: Progress
) -> int:
    """The largest difference between the rendered trace and the audio, at most `MOST_TOLD`.

    Args:
        engine_of: finds an engine by its name.
        wanted: {request (JSON), generation (0x-hex), trace and audio (paths), sources, seconds};
            `sources` are the request's references in its order, `seconds` their lengths.

    Raises:
        InvalidInput: the trace does not belong to the order, plays other files, cannot be
            rendered in bounded time, or has another length than the audio; names the field.
    """
    content = Path(wanted["trace"]).read_bytes()
    request = parse_request(wanted["request"])
    checked = ordered_trace.read_trace(content, request, wanted["generation"])
    wave = read_wave(Path(wanted["audio"]).read_bytes())
    if wave.frames != checked.frames:
        detail = f"must have {checked.frames} frames, as the trace has"
        raise InvalidInput(detail, field="audio", value=wave.frames)
    sources = [_source(found) for found in wanted["sources"]]
    _require_files(checked.audio, sources)
    trace = _bounded(content)
    _require_inside(trace, wanted["seconds"])
    again = read_wave(rendered(engine_of, trace, sources, progress))
    return min(largest_difference(again.pcm, wave.pcm), MOST_TOLD)


def rendered(
    engine_of: Callable[[str], Engine], trace: Trace, sources: Sequence[Source], progress: Progress
) -> bytes:
    """The WAV file of a trace.

    Raises:
        InvalidInput: the engine cannot render its traces again.
    """
    engine = engine_of(trace.engine)
    if not isinstance(engine, ReplayableEngine):
        raise InvalidInput("cannot be replayed", field="trace.engine.name", value=trace.engine)
    return wav_bytes(engine.replay(trace, sources, progress), trace.rate)


def _source(found: Mapping[str, Any]) -> Source:
    return Source(found["recording"], found["audio"], Path(found["path"]))


def _require_files(named: Mapping[int, str], sources: Sequence[Source]) -> None:
    for index, source in enumerate(sources):
        found = named[source.recording]
        if found != source.audio:
            detail = f"must be {source.audio}, which this node holds"
            raise InvalidInput(detail, field=f"trace.references[{index}].audio", value=found)


def _bounded(content: bytes) -> Trace:
    """The trace, when rendering it takes bounded memory and time."""
    trace = trace_from_dict(canonical.loads(content))
    covered = sum(edit.length for edit in trace.edits)
    rules: tuple[tuple[bool, str, object], ...] = (
        (trace.frames <= MOST_FRAMES, "frames", trace.frames),
        (0 < len(trace.edits) <= MOST_EDITS, "edits", len(trace.edits)),
        (covered <= MOST_LAYERED * trace.frames, "edits", covered),
    )
    for holds, field, value in rules:
        if not holds:
            detail = "is outside the limits of a replay"
            raise InvalidInput(detail, field=f"trace.{field}", value=value)
    return trace


def _require_inside(trace: Trace, seconds: Sequence[int]) -> None:
    """Every edit must read inside its recording, whose length is rounded down to seconds."""
    frames = [(length + 1) * RATE for length in seconds]
    for index, edit in enumerate(trace.edits):
        if not _inside(edit, frames[edit.component - 1]):
            place = f"trace.edits[{index}].source"
            raise InvalidInput("lies outside its recording", field=place, value=edit.source)


def _inside(edit: Edit, frames: int) -> bool:
    read_to = edit.source + ((edit.length - 1) * edit.step // NATIVE) + 1
    return edit.source >= -MARGIN and read_to <= frames + MARGIN
