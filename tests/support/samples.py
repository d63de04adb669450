"""Small, valid values that tests use and change."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from oracle.domain import canonical
from oracle.domain.attestation import OracleSet
from oracle.domain.attribution import PAYABLE, RULES, encode_entries, vector_of
from oracle.domain.audio import HEADER, read_wave
from oracle.domain.block import Block
from oracle.domain.consent import TIERS
from oracle.domain.generation import seed_of
from oracle.domain.heard import FLOOR
from oracle.domain.manifest import Content, Manifest, Source
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered
from oracle.domain.plan import plan_json, whole
from oracle.domain.prompt import commitment_of
from oracle.domain.prompt_words import controls_of
from oracle.domain.recording import Recording
from oracle.domain.request import Request, parse_request

PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
NODE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
LEDGER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SIGNERS = (
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
)
NOW = 1_800_000_000


PROMPT, SALT = "warm, slow", "5a" * 32

_PROMPTS: dict[str, str] = {}
"""The prompts of the commitments that `request_json` made."""


def request_json(prompt: str = PROMPT, **changes: Any) -> dict[str, Any]:
    """A request for 5 seconds of two recordings, half each; its prompt is committed with `SALT`."""
    base = {
        "version": 2,
        "engine": "mosaic",
        "length": 5,
        "prompt_commitment": commitment_of(prompt, SALT),
        "references": [{"recording": 1, "weight": 500_000}, {"recording": 2, "weight": 500_000}],
        "rule": "realised",
        "tier": "commercial",
    }
    _PROMPTS[base["prompt_commitment"]] = prompt
    return {**base, **changes}


def first_request_json(**changes: Any) -> dict[str, Any]:
    """The same request in version 1, which holds the prompt."""
    base = request_json()
    del base["version"], base["prompt_commitment"]
    return {**base, "prompt": PROMPT, **changes}


def ordered(asked: Request, order: Order, signature: str) -> Ordered:
    """A signed order with the prompt of its request."""
    return Ordered(asked, order, signature, _PROMPTS[asked.prompt_commitment], SALT)


def request(**changes: Any) -> Request:
    return parse_request(request_json(**changes))


def recording(number: int, **changes: Any) -> Recording:
    """A recording that permits everything from long before `NOW` until long after."""
    base = Recording(
        id=number,
        owner=NODE,
        split=0,
        consent_from=1,
        consent_until=2**32 - 1,
        uses=15,
        max_share=10_000,
        audio=f"{number:064x}",
        metadata=f"0x{number + 1000:064x}",
        isrc=f"QZK6F26{number:05d}",
    )
    return replace(base, **changes)


def order_for(asked: Request, /, **changes: Any) -> Order:
    """An order that fits a request and pays a token for it."""
    base = Order(
        payer=PAYER,
        nonce=0,
        request=asked.digest(),
        max_price=1_000_000,
        tier=TIERS[asked.tier].number,
        use=TIERS[asked.tier].use,
        rule=RULES[asked.rule],
        deadline=NOW + 3_600,
    )
    return replace(base, **changes)


def wave(samples: Sequence[int]) -> bytes:
    """A 44.1 kHz stereo file of interleaved 16-bit samples."""
    pcm = struct.pack(f"<{len(samples)}h", *samples)
    return wave_of(pcm)


def wave_of(pcm: bytes) -> bytes:
    header = HEADER.pack(
        b"RIFF",
        len(pcm) + 36,
        b"WAVE",
        b"fmt ",
        16,
        1,
        2,
        44_100,
        176_400,
        4,
        16,
        b"data",
        len(pcm),
    )
    return header + pcm


def laid(*components: int) -> dict[str, Any]:
    """The part of a trace that says what is played: a second, and at 60 bpm a beat, of each.

    Both layers play the same, so a unit counts half a second.
    """
    edits = [
        {
            "layer": layer, "start": beat * 44_100, "component": component, "source": 0,
            "length": 44_100, "step": 1024, "gain": 65_536, "fade_in": 0, "fade_out": 0,
            "unit": 2 * beat + number,
        }
        for beat, component in enumerate(components)
        for number, layer in enumerate(("harmonic", "percussive"))
    ]  # fmt: skip
    return {
        "bpm": 60, "frames": len(components) * 44_100, "edits": edits,
        "draws": [component for component in components for _ in range(2)],
        "levels": [44_100 * FLOOR] * 2 * len(components),
        "frames_drawn": [22_050] * 2 * len(components),
        "plan": plan_json(whole(len(components))),
    }  # fmt: skip


def trace_json(asked: Request, generation: str, **changes: Any) -> dict[str, Any]:
    """The trace of a track with one second of each reference in turn."""
    references = [
        {"recording": r.recording, "audio": f"{r.recording:064x}", "record": "0" * 64, "shift": 0}
        for r in asked.references
    ]
    count = len(references)
    base = {
        "refrain_trace": 2, "engine": {"name": asked.engine, "version": "2"},
        "seed": str(seed_of(generation)), "rate": 44_100, "references": references,
        "prior": [0, *(r.weight for r in asked.references)],
        **laid(*(second % count + 1 for second in range(asked.length))), **unmeasured(count),
    }  # fmt: skip
    made = {**base, **changes}
    units = made["draws"] if isinstance(made["draws"], list) else []
    return {"log_likelihood": [[0] * (count + 1) for _ in units], **made}


def unmeasured(count: int) -> dict[str, Any]:
    """The part of a trace over `count` references that needs no units and tells nothing."""
    return {
        "audible": [0, *([1] * count)], "separation": {}, "gain": 65_536,
        "envelope": [[0, 65_536]], "controls": controls_of(PROMPT), "groups": [],
    }  # fmt: skip


def manifest(**changes: Any) -> Manifest:
    """A manifest without contradictions; its files are not pinned and it is not signed."""
    asked = request()
    generation = "0x" + "ab" * 32
    audio = read_wave(wave([0, 1] * 10))
    vectors = {rule: vector_of(trace_json(asked, generation), rule) for rule in PAYABLE}
    base = Manifest(
        chain_id=31337,
        ledger=LEDGER,
        block=Block(7, "0x" + "01" * 32, NOW),
        request=asked,
        order=order_for(asked),
        order_signature="0x" + "02" * 65,
        generation=generation,
        engine=("mosaic", "2"),
        references=tuple(
            Source(r.recording, f"{r.recording:064x}", f"0x{r.recording:064x}")
            for r in asked.references
        ),
        audio=Content("bafkaudio", "03" * 32),
        frames=audio.frames,
        samples=audio.samples_digest(),
        trace=Content("bafktrace", "04" * 32),
        vectors=vectors,
        price=200_000,
        node=NODE,
        node_fee=20_000,
        entries=encode_entries(vectors["realised"]),
        oracle_set=OracleSet(2, SIGNERS),
    )
    return replace(base, **changes)


def spoil(data: bytes, path: Sequence[str | int], value: Any) -> bytes:
    """The same canonical JSON with the item at `path` replaced."""
    found = canonical.loads(data)
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return canonical.dumps(found)
