"""A server accepts each signed call of the set once, and refuses every other one cheaply."""

from __future__ import annotations

import logging

import pytest

from oracle.adapters.signing import signatures
from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.domain import call
from oracle.domain.errors import Unauthorised, Unavailable
from oracle.domain.typed_data import SigningDomain
from oracle.http import caller
from oracle.http.caller import Callers

DOMAIN = SigningDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
KEYS = [FileKey(bytes([number]) * 32) for number in (1, 2)]
STRANGER = FileKey(b"\x09" * 32)
URL = "http://node.example:8090"
TARGET, BODY = "/v1/jobs?wait=1", b'{"id":1}'
START = 1_000_000


class Clock:
    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now


class Counted(TypedData):
    """Counts the recoveries of signers."""

    recovered = 0

    def call_signer(self, made, signature):
        self.recovered += 1
        return super().call_signer(made, signature)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def typed():
    return Counted(DOMAIN.chain_id, DOMAIN.ledger)


@pytest.fixture
def callers(typed, clock):
    return Callers(typed, [key.address for key in KEYS], URL, clock)


def signed(clock=START, key=KEYS[0], url=URL, method="POST", target=TARGET, body=BODY):
    now = clock if isinstance(clock, int) else clock()
    made = CallSigner(key, DOMAIN, lambda: now).headers(url, method, target, body)
    return {name.lower(): value for name, value in made.items()}


def refused(callers, headers, field, method="POST", target=TARGET, body=BODY, kind=Unauthorised):
    with pytest.raises(kind) as caught:
        callers.require(method, target, headers, body)
    assert caught.value.field == field, caught.value
    shown = headers.get("x-refrain-signature", "")
    assert len(shown) < 10 or shown not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("key", KEYS)
def test_each_oracle_of_the_set_may_call(callers, key):
    assert callers.require("POST", TARGET, signed(key=key), BODY) == key.address


def test_a_url_in_another_form_names_the_same_server(callers):
    headers = signed(url="HTTP://Node.Example:8090/")
    assert callers.require("POST", TARGET, headers, BODY) == KEYS[0].address


def test_a_call_is_accepted_once(callers, clock):
    headers = signed()
    callers.require("POST", TARGET, headers, BODY)
    refused(callers, headers, call.NONCE)
    clock.now += call.SKEW
    refused(callers, headers, call.NONCE)
    clock.now += 1
    refused(callers, headers, call.TIME)
    assert callers.require("POST", TARGET, signed(clock), BODY) == KEYS[0].address


def test_a_call_is_not_accepted_again_after_the_clock_goes_back(callers, clock):
    headers = signed()
    callers.require("POST", TARGET, headers, BODY)
    clock.now += 1_000
    callers.require("POST", TARGET, signed(clock), BODY)
    clock.now = START
    refused(callers, headers, call.TIME, kind=Unavailable)


def test_a_call_to_an_earlier_process_is_not_accepted_again(typed, clock):
    headers = signed(START - 1)
    again = Callers(typed, [KEYS[0].address], URL, clock)
    refused(again, headers, call.TIME, kind=Unavailable)


def test_calls_at_the_same_second_have_other_nonces(callers):
    for _ in range(3):
        callers.require("POST", TARGET, signed(), BODY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://other.example:8090"}, call.SIGNATURE),
        ({"url": "http://node.example"}, call.SIGNATURE),
        ({"url": "https://node.example:8090"}, call.SIGNATURE),
        ({"url": "http://node.example:8090/v1"}, call.SIGNATURE),
        ({"method": "GET"}, call.SIGNATURE),
        ({"target": "/v1/checks"}, call.SIGNATURE),
        ({"target": "/v1/jobs"}, call.SIGNATURE),
        ({"target": "/v1/jobs?wait=2"}, call.SIGNATURE),
        ({"body": b"{}"}, "body"),
        ({"key": STRANGER}, call.SIGNER),
    ],
)
def test_a_call_for_something_else_is_refused(callers, change, field):
    refused(callers, signed(**change), field)


@pytest.mark.parametrize("seconds", [-61, 61, -(10**6), 10**6])
def test_a_call_of_another_time_is_refused(typed, clock, seconds):
    clock.now = START - 10**7
    callers = Callers(typed, [KEYS[0].address], URL, clock)
    clock.now = START
    refused(callers, signed(START + seconds), call.TIME)


@pytest.mark.parametrize("seconds", [-60, 60])
def test_clocks_may_differ_by_a_minute(typed, clock, seconds):
    clock.now = START - 100
    callers = Callers(typed, [KEYS[0].address], URL, clock)
    clock.now = START
    assert callers.require("POST", TARGET, signed(START + seconds), BODY)


def test_a_member_cannot_call_as_another_member(callers):
    headers = signed() | {"x-refrain-signer": KEYS[1].address}
    refused(callers, headers, call.SIGNATURE)


def test_a_signature_for_another_ledger_is_refused(callers):
    other = SigningDomain(1, DOMAIN.ledger)
    made = CallSigner(KEYS[0], other, lambda: START).headers(URL, "POST", TARGET, BODY)
    refused(callers, {name.lower(): value for name, value in made.items()}, call.SIGNATURE)


def changed(headers, change):
    raw = bytes.fromhex(headers["x-refrain-signature"][2:])
    return headers | {"x-refrain-signature": "0x" + change(raw).hex()}


def high(raw):
    s = signatures.ORDER - int.from_bytes(raw[32:64], "big")
    return raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])


@pytest.mark.parametrize(
    "change",
    [
        high,
        lambda raw: raw[:64] + bytes([raw[64] - 27]),
        lambda raw: signatures.compact(raw),
        lambda raw: raw + b"\0",
        lambda raw: raw[:64] + b"\x1d",
        lambda raw: bytes(65),
        lambda raw: b"",
    ],
    ids=["high s", "v 0 or 1", "64 bytes", "66 bytes", "v 29", "zeros", "empty"],
)
def test_one_form_of_a_signature_is_accepted(callers, change):
    refused(callers, changed(signed(), change), call.SIGNATURE)


def test_a_signature_in_upper_case_is_refused(callers):
    headers = signed()
    shown = "0x" + headers["x-refrain-signature"][2:].upper()
    refused(callers, headers | {"x-refrain-signature": shown}, call.SIGNATURE)


ALL = (call.SIGNER, call.TIME, call.NONCE, call.BODY, call.SIGNATURE)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", [None, "", "x", "0x12", "-1", "1e3", "\xff", "0x" + "zz" * 32])
def test_a_missing_or_malformed_header_is_named(callers, typed, name, value):
    headers = signed()
    headers.pop(name.lower())
    refused(callers, headers | ({} if value is None else {name.lower(): value}), name)
    assert typed.recovered == 0


def test_a_strangers_call_costs_no_recovery(callers, typed):
    for key, when in ((STRANGER, START), (KEYS[0], START + 61), (KEYS[0], START - 61)):
        with pytest.raises((Unauthorised, Unavailable)):
            callers.admit("POST", TARGET, signed(when, key=key))
    assert typed.recovered == 0


def test_a_replayed_call_costs_no_second_recovery(callers, typed):
    headers = signed()
    callers.admit("POST", TARGET, headers)
    refused(callers, headers, call.NONCE)
    assert typed.recovered == 1


def test_a_strangers_calls_are_not_remembered(callers):
    headers = signed()
    forged = headers | {"x-refrain-signature": "0x" + "11" * 64 + "1b"}
    refused(callers, forged, call.SIGNATURE)
    assert callers.require("POST", TARGET, headers, BODY) == KEYS[0].address


def test_the_memory_of_calls_is_bounded(callers, clock, monkeypatch):
    monkeypatch.setattr(caller, "MOST_CALLS", 3)
    for _ in range(3):
        callers.admit("POST", TARGET, signed())
    refused(callers, signed(), call.SIGNER, kind=Unavailable)
    callers.admit("POST", TARGET, signed(key=KEYS[1]))
    clock.now += call.SKEW + 1
    callers.admit("POST", TARGET, signed(clock))


def test_calls_are_logged_without_signatures(callers, caplog):
    headers, strange = signed(), signed(key=STRANGER)
    with caplog.at_level(logging.INFO):
        callers.admit("POST", TARGET, headers)
        with pytest.raises(Unauthorised):
            callers.admit("POST", TARGET, strange)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == f"POST {TARGET} by {KEYS[0].address}"
    assert len(lines) == 2 and STRANGER.address in lines[1] and "POST" in lines[1]
    for secret in (headers["x-refrain-signature"], strange["x-refrain-signature"]):
        assert secret[2:20] not in caplog.text
