"""Manifests: written and parsed without change, and every wrong field is named."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.domain import canonical
from oracle.domain.errors import InvalidInput
from oracle.domain.manifest import to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.request import parse_request
from tests.support.samples import (
    NODE,
    NOW,
    PROMPT,
    SALT,
    SIGNERS,
    first_request_json,
    manifest,
    order_for,
    request,
    request_json,
    spoil,
)


def test_a_written_manifest_is_parsed_without_change():
    assert parse_manifest(to_bytes(manifest())) == manifest()


def test_a_manifest_with_a_request_of_the_first_version_is_still_read():
    asked = parse_request(first_request_json())
    made = manifest(request=asked, order=order_for(asked))
    assert parse_manifest(to_bytes(made)) == made


def test_a_manifest_holds_no_prompt_and_no_salt():
    data = to_bytes(manifest())
    assert request().prompt_commitment.encode() in data
    assert PROMPT.encode() not in data and SALT.encode() not in data


def test_the_attestation_follows_from_the_manifest():
    attestation = manifest().attestation(bytes(32))
    assert (attestation.price, attestation.node, attestation.node_fee) == (200_000, NODE, 20_000)
    assert attestation.generated_at == NOW
    assert attestation.entries == manifest().entries


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["refrain_manifest"], 2, "refrain_manifest"),
        (["chain", "id"], "31337", "chain.id"),
        (["chain", "ledger"], "0x1", "chain.ledger"),
        (["block", "number"], -1, "block.number"),
        (["block", "hash"], "0x12", "block.hash"),
        (["block", "timestamp"], str(NOW), "block.timestamp"),
        (["block", "extra"], 1, "block.extra"),
        (["request"], request_json(length=6), "order.request"),
        (["request", "tier"], "personal", "order.request"),
        (["order", "use"], "1", "order.use"),
        (["order", "rule"], "1", "order.rule"),
        (["order_signature"], "0x" + "02" * 64, "order_signature"),
        (["generation"], "ab" * 32, "generation"),
        (["engine", "version"], 1, "engine.version"),
        (["references"], [], "references"),
        (["references", 0, "recording"], 5, "references"),
        (["references", 0, "audio"], "x", r"references\[0\].audio"),
        (["references", 1, "metadata"], "00" * 32, r"references\[1\].metadata"),
        (["audio", "sha256"], "", "audio.sha256"),
        (["audio", "rate"], 48_000, "contradicts another"),
        (["audio", "channels"], 1, "contradicts another"),
        (["audio", "frames"], 0, "audio.frames"),
        (["audio", "samples"], None, "audio.samples"),
        (["audio", "cid"], "", "audio.cid"),
        (["trace", "cid"], 5, "trace.cid"),
        (["vectors"], {}, "vectors.realised"),
        (["vectors"], [], "vectors"),
        (["vectors", "fair"], [{"recording": 1, "weight": 1_000_000}], "vectors"),
        (["vectors", "realised", 0, "weight"], 599_999, "vectors.realised"),
        (["vectors", "realised"], [{"recording": 1, "weight": 1_000_000}], "entries"),
        (["rule"], "declared", "contradicts another"),
        (["entries"], "0x", "entries"),
        (["entries"], "0x" + "00000001000f4240", "entries"),
        (["price"], 200_000, "price"),
        (["node"], None, "node"),
        (["node_fee"], "-1", "node_fee"),
        (["set", "threshold"], 3, "set.threshold"),
        (["set", "threshold"], 0, "set.threshold"),
        (["set", "signers"], list(reversed(SIGNERS)), "set.signers"),
        (["set", "signers"], [SIGNERS[0], SIGNERS[0]], "set.signers"),
        (["set", "signers"], [], "set.signers"),
        (["surprise"], 1, "surprise"),
    ],
)
def test_a_spoiled_field_is_refused(path, value, field):
    with pytest.raises(InvalidInput, match=field):
        parse_manifest(spoil(to_bytes(manifest()), path, value))


@pytest.mark.parametrize("key", sorted(canonical.loads(to_bytes(manifest()))))
def test_every_key_is_required(key):
    value = canonical.loads(to_bytes(manifest()))
    del value[key]
    with pytest.raises(InvalidInput, match=f"manifest.{key}: is missing"):
        parse_manifest(canonical.dumps(value))


def test_another_text_of_the_same_value_is_refused():
    with pytest.raises(InvalidInput, match="canonical"):
        parse_manifest(to_bytes(manifest()) + b" ")


def test_references_out_of_order_are_refused():
    value = canonical.loads(to_bytes(manifest()))
    value["request"]["references"].reverse()
    with pytest.raises(InvalidInput, match="contradicts another field"):
        parse_manifest(canonical.dumps(value))


def test_a_manifest_above_one_block_is_refused():
    with pytest.raises(InvalidInput, match="bytes"):
        parse_manifest(b" " * (1 << 20) + b" ")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(to_bytes(manifest())) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_gives_another_valid_manifest(place, mask):
    data = bytearray(to_bytes(manifest()))
    data[place] ^= mask
    with contextlib.suppress(InvalidInput):
        assert to_bytes(parse_manifest(bytes(data))) == bytes(data)
