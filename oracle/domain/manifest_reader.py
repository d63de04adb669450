"""Parses manifests that others pinned: strictly, and only those without contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attestation import OracleSet
from oracle.domain.attribution import (
    MOST_REFERENCES,
    PAYABLE,
    RULES,
    Vector,
    decode_entries,
    vector_from,
)
from oracle.domain.block import Block
from oracle.domain.errors import InvalidInput
from oracle.domain.manifest import LARGEST, Content, Manifest, Source, to_bytes
from oracle.domain.order import check_against, parse_order
from oracle.domain.request import parse_request

MOST_SIGNERS = 64

KEYS = (
    "refrain_manifest", "chain", "block", "request", "order", "order_signature", "generation",
    "engine", "references", "audio", "trace", "vectors", "rule", "entries", "price", "node",
    "node_fee", "set",
)  # fmt: skip

AUDIO_KEYS = ("cid", "sha256", "frames", "rate", "channels", "samples")


def parse_manifest(data: bytes) -> Manifest:
    """Parses a manifest and checks that its fields agree with each other.

    Raises:
        InvalidInput: the JSON is not canonical, a field is malformed or unknown, the request does
            not hash to the order's digest, or the entries are not the rule's vector.
    """
    if len(data) > LARGEST:
        raise InvalidInput(f"must have at most {LARGEST} bytes", field="manifest", value=len(data))
    found = fields.mapping(canonical.loads_canonical(data, "manifest"), "manifest", KEYS)
    fields.integer(found["refrain_manifest"], "manifest.refrain_manifest", 1, 1)
    chain = fields.mapping(found["chain"], "manifest.chain", ("id", "ledger"))
    audio = fields.mapping(found["audio"], "manifest.audio", AUDIO_KEYS)
    trace = fields.mapping(found["trace"], "manifest.trace", ("cid", "sha256"))
    manifest = Manifest(
        chain_id=fields.integer(chain["id"], "manifest.chain.id", 1, fields.UINT64_MAX),
        ledger=fields.address(chain["ledger"], "manifest.chain.ledger"),
        block=_block(found["block"]),
        request=parse_request(found["request"], "manifest.request"),
        order=parse_order(found["order"], "manifest.order"),
        order_signature=fields.signature(found["order_signature"], "manifest.order_signature"),
        generation=fields.word(found["generation"], "manifest.generation"),
        engine=_engine(found["engine"]),
        references=_references(found["references"]),
        audio=_content(audio, "manifest.audio"),
        frames=fields.integer(audio["frames"], "manifest.audio.frames", 1, fields.UINT32_MAX),
        samples=fields.digest(audio["samples"], "manifest.audio.samples"),
        trace=_content(trace, "manifest.trace"),
        vectors=_vectors(found["vectors"]),
        price=fields.decimal(found["price"], "manifest.price"),
        node=fields.address(found["node"], "manifest.node"),
        node_fee=fields.decimal(found["node_fee"], "manifest.node_fee"),
        entries=fields.hex_bytes(found["entries"], "manifest.entries"),
        oracle_set=_set(found["set"]),
    )
    _require_agreement(manifest, data)
    return manifest


def _require_agreement(manifest: Manifest, data: bytes) -> None:
    """Refuses contradictions between well-formed fields."""
    check_against(manifest.order, manifest.request, "manifest.order")
    asked = [reference.recording for reference in manifest.request.references]
    if [source.recording for source in manifest.references] != asked:
        raise InvalidInput("must list the request's recordings", field="manifest.references")
    vector = manifest.vectors.get(manifest.request.rule)
    if vector != decode_entries(manifest.entries):
        raise InvalidInput("are not the vector of the rule", field="manifest.entries")
    if to_bytes(manifest) != data:
        # `Manifest` leaves out derived fields (the second rule, the audio's format), so a wrong
        # value of one of them shows up as a difference here.
        raise InvalidInput("has a field that contradicts another field", field="manifest")


def _block(value: Any) -> Block:
    found = fields.mapping(value, "manifest.block", ("number", "hash", "timestamp"))
    return Block(
        number=fields.integer(found["number"], "manifest.block.number", 0, fields.UINT64_MAX),
        hash=fields.word(found["hash"], "manifest.block.hash"),
        timestamp=fields.integer(
            found["timestamp"], "manifest.block.timestamp", 0, fields.UINT64_MAX
        ),
    )


def _engine(value: Any) -> tuple[str, str]:
    found = fields.mapping(value, "manifest.engine", ("name", "version"))
    return (
        fields.text(found["name"], "manifest.engine.name", 40),
        fields.text(found["version"], "manifest.engine.version", 40),
    )


def _references(value: Any) -> tuple[Source, ...]:
    sources = []
    for index, item in enumerate(fields.listing(value, "manifest.references", 1, MOST_REFERENCES)):
        place = f"manifest.references[{index}]"
        found = fields.mapping(item, place, ("recording", "audio", "metadata"))
        sources.append(Source(
            fields.integer(found["recording"], f"{place}.recording", 1, fields.UINT32_MAX),
            fields.digest(found["audio"], f"{place}.audio"),
            fields.word(found["metadata"], f"{place}.metadata"),
        ))  # fmt: skip
    return tuple(sources)


def _content(found: Mapping[str, Any], field: str) -> Content:
    cid = fields.text(found["cid"], f"{field}.cid", 100)
    return Content(cid, fields.digest(found["sha256"], f"{field}.sha256"))


def _vectors(value: Any) -> dict[str, Vector]:
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field="manifest.vectors")
    for rule in PAYABLE:
        if rule not in value:
            raise InvalidInput("is missing", field=f"manifest.vectors.{rule}")
    return {
        fields.choice(rule, "manifest.vectors", RULES): vector_from(
            items, f"manifest.vectors.{rule}"
        )
        for rule, items in value.items()
    }


def _set(value: Any) -> OracleSet:
    found = fields.mapping(value, "manifest.set", ("threshold", "signers"))
    listed = fields.listing(found["signers"], "manifest.set.signers", 1, MOST_SIGNERS)
    signers = tuple(
        fields.address(item, f"manifest.set.signers[{index}]") for index, item in enumerate(listed)
    )
    if [s.lower() for s in signers] != sorted({s.lower() for s in signers}):
        raise InvalidInput("must be strictly ascending", field="manifest.set.signers")
    threshold = fields.integer(found["threshold"], "manifest.set.threshold", 1, len(signers))
    return OracleSet(threshold, signers)
