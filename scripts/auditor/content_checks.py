"""Checks of one generation: its trace, its vectors and its audio."""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import Any

from .amounts import MILLION, entries
from .edits import frames_heard
from .generation import UNREAD, Generation
from .json_text import canonical, parse
from .manifest_form import CHANNELS, RATE
from .render import RENDER_SLACK, compare_render, separation
from .report import Malformed, Unreadable
from .trace_form import FORMS, require_form
from .typed_data import RULES
from .vectors import VECTORS, Vector, components, declared, frames_laid

OF_TRACE = "trace says"
MOST_NAMED = 5


def read_trace(gen: Generation) -> None:
    """The pinned trace: its hash, its form, its content."""
    named = gen.manifest["trace"]
    data = gen.books.content.file(named["cid"])
    gen.report.equal("trace.sha256", named["sha256"], sha256(data).hexdigest(), "manifest")
    trace = parse(data)
    same = canonical(trace) == data
    gen.report.holds("trace form", same, f"{len(data)} bytes", "canonical JSON", "trace")
    gen.trace = trace
    require_form(trace)


def check_trace(gen: Generation) -> None:
    """The trace must fit the manifest, the order and itself."""
    trace, m, report = gen.trace, gen.manifest, gen.report
    version = trace["refrain_trace"]
    report.holds("trace version", type(version) is int and version in FORMS, version,
                 f"one of {sorted(FORMS)}", "trace")
    gen.same("trace.engine", m["engine"], trace["engine"], "manifest", OF_TRACE)
    seed = str(int(gen.event["order"][2:18], 16))
    report.equal("trace.seed", seed, trace["seed"], "chain", OF_TRACE)
    asked = declared(m["request"])
    named = {item["recording"]: item["audio"] for item in m["references"]}
    found = {item["recording"]: item["audio"] for item in trace["references"]}
    report.equal("trace.references", list(named.items()), list(found.items()), "manifest", OF_TRACE)
    report.equal("trace.prior", [0, *asked.values()], trace["prior"], "request", OF_TRACE)
    units, size = len(trace["draws"]), len(trace["references"]) + 1
    for key in ("frames_drawn", "log_likelihood", "strength" if version == 1 else "levels"):
        report.equal(f"trace.{key} units", units, len(trace[key]), "trace")
    rows = {len(row) for row in trace["log_likelihood"]} | {len(trace["audible"])}
    report.equal("trace components", [size], sorted(rows), "trace")
    drawn = all(0 <= draw < size for draw in trace["draws"])
    least = min([0, *trace["frames_drawn"], *trace["audible"]])
    report.holds("trace.draws", drawn and least == 0, f"{units} draws, least number {least}",
                 f"draws below {size}, no number below 0", "trace")


def check_edits(gen: Generation) -> None:
    """Each edit uses the component that was drawn; the counted frames are those of the edits."""
    (check_laid if gen.trace["refrain_trace"] == 1 else check_heard)(gen)


def check_heard(gen: Generation) -> None:
    """Version 2: every unit counts exactly the frames that follow from edits and levels."""
    said, due = gen.trace["frames_drawn"], frames_heard(gen.trace)
    wrong = [unit for unit, pair in enumerate(zip(said, due, strict=True)) if pair[0] != pair[1]]
    for unit in wrong[:MOST_NAMED]:
        gen.report.equal(f"trace.frames_drawn[{unit}]", said[unit], due[unit], "trace")
    gen.report.equal("trace.frames_drawn wrong units", len(wrong), 0, "trace", "must be")


def check_laid(gen: Generation) -> None:
    """Version 1 counts no more than its edits play; nothing in it says why a unit counts less."""
    trace, report = gen.trace, gen.report
    silent = trace["frames_drawn"].count(0)
    if silent:
        report.skip("silent units", "trace.frames_drawn", f"{silent} units count 0, and trace "
                    "version 1 does not say why")
    if not trace["edits"]:
        report.skip("no edits", "trace.edits")
        return
    off = [number for number, edit in enumerate(trace["edits"])
           if edit["component"] != trace["draws"][edit["unit"]]]
    report.equal("trace.edits drawn", off, [], "trace")
    counted, laid = [0] * len(components(trace)), frames_laid(trace)
    for draw, frames in zip(trace["draws"], trace["frames_drawn"], strict=True):
        counted[draw] += frames
    for recording, said, most in zip(components(trace), counted, laid, strict=True):
        report.holds(f"trace.frames[{recording}]", said <= most, said,
                     f"at most {most}, by the edits", "trace")


def check_vectors(gen: Generation) -> None:
    """Three vectors must agree exactly, the two from likelihoods to one millionth."""
    gen.report.equal("vectors", sorted(RULES), sorted(gen.manifest["vectors"]), "manifest")
    for name, (vector, slack) in VECTORS.items():
        with gen.report.reading(f"vectors.{name}"):
            _check_vector(gen, name, vector(gen.manifest["request"], gen.trace), slack)


def _check_vector(gen: Generation, name: str, vector: Vector, slack: int) -> None:
    """Order, sum and every entry of one vector in the manifest."""
    items = gen.manifest["vectors"][name]
    said = {item["recording"]: item["weight"] for item in items}
    listed = [item["recording"] for item in items]
    gen.report.equal(f"vectors.{name} order", listed, sorted(set(listed)), "manifest")
    gen.report.equal(f"vectors.{name} sum", sum(said.values()), MILLION, "manifest", "must be")
    for recording in sorted({*said, *vector}):
        first, second = said.get(recording, 0), vector.get(recording, 0)
        near = f"{second} (plus or minus {slack})" if slack else second
        gen.report.holds(f"vectors.{name}[{recording}]", abs(first - second) <= slack,
                         first, near, "manifest", "recomputed")


def check_weights(gen: Generation) -> None:
    """The weights that were paid must be the vector of the rule, recomputed from the trace."""
    rule = RULES[gen.order["rule"]]
    vector, slack = VECTORS[rule]
    if slack:
        raise Unreadable(f"the order pays by {rule}, which does not give exact integers")
    due = vector(gen.manifest["request"], gen.trace)
    paid = entries(gen.attestation["entries"])
    for recording in sorted({*paid, *due}):
        gen.report.equal(f"weight[{recording}]", paid.get(recording, 0), due.get(recording, 0))


def wav(data: bytes) -> dict[str, Any]:
    """Frames, rate, channels and hash of the samples of a 16-bit PCM WAV."""
    riff, size, wave, fmt, length, kind, channels, rate, second, frame, bits, tag, body = (
        struct.unpack_from("<4sI4s4sIHHIIHH4sI", data)
    )
    fixed = (riff, wave, fmt, tag, length, kind, bits) == (
        b"RIFF", b"WAVE", b"fmt ", b"data", 16, 1, 16)
    sizes = (frame, second, size, body) == (
        2 * channels, 2 * channels * rate, len(data) - 8, len(data) - 44)
    if not fixed or not sizes or body % frame:
        raise Malformed("audio is not a 16-bit PCM WAV with a header of 44 bytes that fits its "
                        "length")
    if (rate, channels) != (RATE, CHANNELS):
        raise Malformed(f"audio has {channels} channels at {rate} Hz, must have {CHANNELS} "
                        f"at {RATE}")
    return {"frames": body // frame, "rate": rate, "channels": channels,
            "samples": sha256(data[44:]).hexdigest()}


def check_audio(gen: Generation) -> None:
    """The pinned audio must be the one that the manifest and the trace describe."""
    named = gen.manifest["audio"]
    data = gen.books.content.file(named["cid"])
    found = {**wav(data), "cid": named["cid"], "sha256": sha256(data).hexdigest()}
    gen.same("audio", named, found, "manifest", "recomputed")
    seconds = gen.manifest["request"]["length"]
    frames = seconds * found["rate"]
    gen.report.equal("audio length", frames, found["frames"], "request", "audio has")
    if gen.trace is not UNREAD:
        gen.report.equal("trace.frames", found["frames"], gen.trace["frames"], "audio", OF_TRACE)
        gen.report.equal("trace.rate", found["rate"], gen.trace["rate"], "audio", OF_TRACE)
    gen.audio = data


def check_render(gen: Generation) -> None:
    """Renders the trace again from the references and compares it with the pinned samples."""
    folder = gen.books.references
    if folder is None:
        return
    constants, recorded = separation(gen.trace), gen.trace["separation"]
    gen.same("trace.separation", constants, recorded, "docs/formats/mosaic.md", OF_TRACE)
    largest, differing = compare_render(gen.trace, folder, (gen.audio or b"")[44:])
    found = f"largest difference {largest} of 32768, {differing} samples differ"
    gen.report.line(f"     {found}")
    gen.report.holds("render", largest <= RENDER_SLACK, found,
                     f"within {RENDER_SLACK} of 32768", "comparison")
