"""Checks a track of another node: composes and renders it again, and tells how far it is off.

The rendered audio never leaves this process: whoever asks gets a name and small numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.attribution.trace_json import trace_from_dict
from generator.engines.base import Claim, Engine, Progress, Source
from oracle.domain import canonical, fields
from oracle.domain import trace as ordered_trace
from oracle.domain.attribution import MOST_REFERENCES
from oracle.domain.audio import read_wave
from oracle.domain.errors import InvalidInput, Unavailable
from oracle.domain.request import parse_request


def check(
    engine_of: Callable[[str], Engine], wanted: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """What the engine finds, as `oracle.domain.check.Check.to_json` writes it.

    Args:
        engine_of: finds an engine by its name.
        wanted: {request (JSON), generation (0x-hex), trace, audio and records (paths), sources,
            groups}; `sources` are the request's references in its order.

    Raises:
        InvalidInput: the trace does not belong to the order, plays other files, or has another
            length than the audio; names the field.
        Unavailable: this node has another version of the engine.
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
    engine = _running(engine_of, checked.engine)
    trace = trace_from_dict(canonical.loads(content))
    records = _records(Path(wanted["records"]).read_bytes())
    groups = tuple(map(tuple, wanted["groups"]))
    claim = Claim(trace, wave.pcm, request.length, records, groups)
    return engine.check(claim, sources, progress).to_json()


def _running(engine_of: Callable[[str], Engine], named: tuple[str, str]) -> Engine:
    engine = engine_of(named[0])
    if (engine.name, engine.version) != named:
        detail = f"is not {engine.name} {engine.version}, which this node runs"
        raise Unavailable(detail, field="trace.engine", value=" ".join(named))
    return engine


def _records(content: bytes) -> dict[str, Any]:
    """Records by the sha256 of their canonical JSON; the engine judges what is in them."""
    listed = fields.listing(canonical.loads(content), "records", 0, MOST_REFERENCES)
    return {hashlib.sha256(canonical.dumps(record)).hexdigest(): record for record in listed}


def _source(found: Mapping[str, Any]) -> Source:
    return Source(found["recording"], found["audio"], Path(found["path"]))


def _require_files(named: Mapping[int, str], sources: Sequence[Source]) -> None:
    for index, source in enumerate(sources):
        found = named[source.recording]
        if found != source.audio:
            detail = f"must be {source.audio}, which this node holds"
            raise InvalidInput(detail, field=f"trace.references[{index}].audio", value=found)
