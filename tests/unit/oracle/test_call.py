"""The signed call: one form of a server's URL, and a hash that covers every field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.adapters.signing.typed import TypedData
from oracle.domain.call import CALL, Call, audience_of, body_digest
from tests.unit.oracle.test_typed import CHAIN, LEDGER, independent

TYPED = TypedData(CHAIN, LEDGER)
MADE = Call("http://node.example", "POST", "/v1/jobs", body_digest(b"{}"), 1_000, b"\x05" * 32)
WORDS = st.binary(min_size=32, max_size=32)
CALLS = st.builds(
    Call, st.text(max_size=40), st.text(max_size=8), st.text(max_size=40), WORDS,
    st.integers(0, 2**64 - 1), WORDS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("HTTP://Node.Example:80", "http://node.example"),
        ("https://node.example:443/", "https://node.example"),
        ("https://node.example:80", "https://node.example:80"),
        ("https://user:secret@node.example/refrain/", "https://node.example/refrain"),
        ("http://[::1]:8090", "http://[::1]:8090"),
    ],
)
def test_a_servers_url_has_one_form(url, audience):
    assert audience_of(url) == audience
    assert audience_of(audience) == audience


@settings(max_examples=50, deadline=None)
@given(CALLS)
def test_call_hashes_match_eth_account(made):
    other = independent(CALL, vars(made))
    hashed = keccak(b"\x19" + other.version + other.header + other.body)
    assert TYPED.call_digest(made) == hashed


@pytest.mark.parametrize(
    "change",
    [
        {"audience": "http://other.example"}, {"method": "GET"}, {"target": "/v1/jobs?x=1"},
        {"body": bytes(32)}, {"time": 1_001}, {"nonce": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_every_field_of_a_call_changes_its_hash(change):
    assert TYPED.call_digest(replace(MADE, **change)) != TYPED.call_digest(MADE)


def test_another_ledger_or_chain_changes_the_hash_of_a_call():
    others = TypedData(CHAIN + 1, LEDGER), TypedData(CHAIN, "0x" + "11" * 20)
    assert all(other.call_digest(MADE) != TYPED.call_digest(MADE) for other in others)
