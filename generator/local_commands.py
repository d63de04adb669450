"""The commands that work on local files, without a chain or a node."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.attribution.trace import Trace
from generator.attribution.trace_json import trace_from_dict
from generator.engines.base import Progress, Source
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import AUDIO, TRACE, as_json
from oracle.domain import canonical, fields
from oracle.domain.attribution import largest_remainder
from oracle.domain.errors import InvalidInput, NotFound
from oracle.domain.prompt_words import controls_of
from oracle.domain.text import plain


@dataclass(frozen=True)
class Wanted:
    """The terms of a track.

    Args:
        references: (file, relative weight).
        length: seconds.
        prompt: words that may steer the track.
    """

    engine: str
    references: Sequence[tuple[Path, int]]
    length: int
    seed: int
    prompt: str = ""


def weighted(text: str) -> tuple[Path, int]:
    """Parse ``FILE=WEIGHT``: a file and a whole weight above 0; without ``=WEIGHT`` it is 1.

    Raises:
        InvalidInput: the weight is not a whole number above 0.
    """
    file, equals, weight = text.rpartition("=")
    if not equals:
        return Path(text), 1
    return Path(file), fields.integer(
        fields.decimal(weight, "reference"), "reference", 1, fields.UINT32_MAX
    )


def analyse(
    engine_process: EngineProcess, engine: str, file: Path, tell: Progress
) -> dict[str, Any]:
    """{audio, record, seconds, bpm} of one file."""
    source = as_json(_source(1, file))
    found = engine_process.run("analyse", {"engine": engine, "source": source}, tell)
    return {"audio": source["audio"]} | found


def generate(
    engine_process: EngineProcess, wanted: Wanted, out: Path, trace: Path, tell: Progress
) -> dict[str, Any]:
    """Write a track and its trace; references are recordings 1, 2, … in the given order.

    Raises:
        InvalidInput: a weight rounds to 0 millionths, or a number is out of range.
    """
    sources = [_source(n, file) for n, (file, _) in enumerate(wanted.references, 1)]
    weights = largest_remainder(dict(enumerate(weight for _, weight in wanted.references)))
    for index, weight in weights.items():
        fields.integer(weight, f"references[{index}].weight", 1, fields.UINT32_MAX)
    with tempfile.TemporaryDirectory() as folder:
        terms = {
            "engine": wanted.engine,
            "sources": [as_json(source) for source in sources],
            "weights": list(weights.values()),
            "seed": str(fields.integer(wanted.seed, "seed", 0, fields.UINT64_MAX)),
            "length": fields.integer(wanted.length, "length", 1, 600),
            "controls": controls_of(wanted.prompt),
            "groups": [],
            "folder": folder,
        }
        made = engine_process.run("generate", terms, tell)
        shutil.copyfile(Path(folder, AUDIO), out)
        shutil.copyfile(Path(folder, TRACE), trace)
    return {"out": plain(out), "trace_out": plain(trace), **made}


def render(
    engine_process: EngineProcess, trace: Path, references: Path, out: Path, tell: Progress
) -> dict[str, Any]:
    """Write the track of a trace from a folder with its recordings under any file names.

    Raises:
        NotFound: the folder lacks a recording of the trace.
    """
    sources = find_sources(trace_from_dict(canonical.loads(trace.read_bytes())), references)
    wanted: Mapping[str, Any] = {
        "trace": str(trace),
        "sources": [as_json(source) for source in sources],
        "out": str(out),
    }
    return {"out": plain(out), **engine_process.run("render", wanted, tell)}


def find_sources(trace: Trace, folder: Path) -> list[Source]:
    """The files in `folder` (and below) that hash to the trace's references."""
    known = {_sha256(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for index, reference in enumerate(trace.references):
        if reference.audio not in known:
            place = f"references[{index}].audio"
            detail = f"is not in the folder {folder.name}"
            raise NotFound(detail, field=place, value=reference.audio)
    return [Source(r.recording, r.audio, known[r.audio]) for r in trace.references]


def embed(
    engine_process: EngineProcess, file: Path, checkpoint: Path | None, tell: Progress
) -> dict[str, Any]:
    """{audio, checkpoint (its sha256), embedding} of one file.

    Raises:
        Unavailable: the checkpoint or something else that CLAP needs is missing.
    """
    from generator.embeddings import READY, state
    from oracle.domain.errors import Unavailable

    found = state(checkpoint)
    if found != READY:
        raise Unavailable(found, field="clap")
    wanted = {"path": str(file), "checkpoint": str(checkpoint)}
    return {"audio": _sha256(file)} | engine_process.run("embed", wanted, tell)


def _source(recording: int, file: Path) -> Source:
    if not file.is_file():
        raise InvalidInput("is not a file", field="file", value=file.name)
    return Source(recording, _sha256(file), file)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
