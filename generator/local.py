"""Work on files of one's own, without chain or node: what the command line offers."""

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
from generator.vault import as_json
from generator.workbench import AUDIO, TRACE
from generator.workshop import Workshop as Workshop
from oracle.domain import canonical, fields
from oracle.domain.attribution import largest_remainder
from oracle.domain.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class Wanted:
    """A track to make: (file, relative weight) a reference, `length` in seconds."""

    engine: str
    references: Sequence[tuple[Path, int]]
    length: int
    seed: int


def weighted(text: str) -> tuple[Path, int]:
    """``FILE=WEIGHT`` to a file and a whole weight above 0; without ``=WEIGHT`` it is 1.

    Raises:
        InvalidInput: the weight is not such a number.
    """
    file, equals, weight = text.rpartition("=")
    if not equals:
        return Path(text), 1
    return Path(file), fields.integer(
        fields.decimal(weight, "reference"), "reference", 1, fields.UINT32_MAX
    )


def analyse(workshop: Workshop, engine: str, file: Path, tell: Progress) -> dict[str, Any]:
    """{audio, record, seconds, bpm} of one file."""
    source = as_json(_source(1, file))
    found = workshop.run("analyse", {"engine": engine, "source": source}, tell)
    return {"audio": source["audio"]} | found


def generate(
    workshop: Workshop, wanted: Wanted, out: Path, trace: Path, tell: Progress
) -> dict[str, Any]:
    """Write a track and its trace; references are recordings 1, 2, … in the order given.

    Raises:
        InvalidInput: a weight is too small to count, or a number is out of range.
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
            "folder": folder,
        }
        made = workshop.run("generate", terms, tell)
        shutil.copyfile(Path(folder, AUDIO), out)
        shutil.copyfile(Path(folder, TRACE), trace)
    return {"out": str(out), "trace_out": str(trace), **made}


def render(
    workshop: Workshop, trace: Path, references: Path, out: Path, tell: Progress
) -> dict[str, Any]:
    """Write the track of a trace from the folder that holds its recordings, whatever their names.

    Raises:
        NotFound: a recording of the trace is not in the folder.
    """
    sources = find_sources(trace_from_dict(canonical.loads(trace.read_bytes())), references)
    wanted: Mapping[str, Any] = {
        "trace": str(trace),
        "sources": [as_json(source) for source in sources],
        "out": str(out),
    }
    return {"out": str(out), **workshop.run("replay", wanted, tell)}


def find_sources(trace: Trace, folder: Path) -> list[Source]:
    """The files in `folder` (and below) that hash to the trace's references."""
    known = {_sha256(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for index, reference in enumerate(trace.references):
        if reference.audio not in known:
            place = f"references[{index}].audio"
            raise NotFound(f"is not in {folder}", field=place, value=reference.audio)
    return [Source(r.recording, r.audio, known[r.audio]) for r in trace.references]


def embed(
    workshop: Workshop, file: Path, checkpoint: Path | None, tell: Progress
) -> dict[str, Any]:
    """{audio, checkpoint (its sha256), embedding} of one file.

    Raises:
        Unavailable: no checkpoint, or something else that CLAP needs is missing.
    """
    from generator.embeddings import READY, state
    from oracle.domain.errors import Unavailable

    found = state(checkpoint)
    if found != READY:
        raise Unavailable(found, field="clap")
    wanted = {"path": str(file), "checkpoint": str(checkpoint)}
    return {"audio": _sha256(file)} | workshop.run("embed", wanted, tell)


def _source(recording: int, file: Path) -> Source:
    if not file.is_file():
        raise InvalidInput("is not a file", field="file", value=file)
    return Source(recording, _sha256(file), file)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
