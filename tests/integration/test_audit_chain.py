"""Each test falsifies one answer of the RPC; the audit names the field and fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_utils import keccak

from scripts.auditor.events import LEDGER_EVENTS, SPLIT_EVENTS
from tests.audit.proxy import Alter, in_calldata, in_log, lying, result, setting, twice, when
from tests.audit.run import Audited, found, runner
from tests.audit.world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("chain")) as found:
        yield found


@pytest.fixture
def wrong(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def test_an_order_signature(made: World, wrong: Audited) -> None:
    def falsify(values: list[Any]) -> None:
        values[1] = values[1][:10] + bytes([values[1][10] ^ 1]) + values[1][11:]

    generation = made.settle()
    with lying(made.url, in_calldata(falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[0].startswith(
        f"MISMATCH order signature: chain says {made.payer.address}, recomputed "
    )
    assert any(line.startswith("MISMATCH manifest.order_signature") for line in lines)


def test_a_malleable_order_signature(made: World, wrong: Audited) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

    def falsify(values: list[Any]) -> None:
        parity, s = divmod(int.from_bytes(values[1][32:], "big"), 2**255)
        values[1] = values[1][:32] + (order - s).to_bytes(32, "big") + bytes([28 - parity])

    generation = made.settle()
    with lying(made.url, in_calldata(falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[0].endswith(f"chain says {made.payer.address}, recomputed nobody: s is high")


def test_an_oracle_that_is_not_in_the_set(made: World, wrong: Audited) -> None:
    """The set named in the calldata loses its first signer, whose signature stays."""

    def falsify(values: list[Any]) -> None:
        threshold, signers, signatures = values[3]
        values[3] = (threshold, signers[1:], signatures)

    generation = made.settle()
    with lying(made.url, in_calldata(falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[0].startswith("MISMATCH oracle signature[0]: the set says a signer of the set")
    assert any(line.startswith("MISMATCH oracle set: chain says") for line in lines)


def test_too_few_oracles(made: World, wrong: Audited) -> None:
    def falsify(values: list[Any]) -> None:
        threshold, signers, signatures = values[3]
        values[3] = (threshold, signers, signatures[:64])

    generation = made.settle()
    with lying(made.url, in_calldata(falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines == ["MISMATCH oracle signatures: chain says 1, must be at least 2"]


def test_a_consent_window(made: World, wrong: Audited) -> None:
    """The newest registration's consent ends, so the RPC now says, before the track was made."""
    generation = made.settle()
    made_at = made.rig.ledger.events.Settled().get_logs(from_block=0)[-1]["blockNumber"]
    ended = made.rig.w3.eth.get_block(made_at - 1)["timestamp"]

    def falsify(values: dict[str, Any]) -> None:
        values["consentUntil"] = ended

    with lying(made.url, in_log("Registered", falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[1].startswith("MISMATCH recording 3 consent: chain says")
    since = made.rig.ledger.functions.recordings(3).call()[2]
    assert lines[0] == (f"MISMATCH consent[3] window: chain says {since} to {ended}, "
                        f"must be a period with the time of generation {ended}")


@pytest.mark.parametrize(
    ("field", "paid"), [("protocolFee", "protocol fees of"), ("nodeFee", "node")]
)
def test_a_fee(made: World, wrong: Audited, field: str, paid: str) -> None:
    def falsify(values: dict[str, Any]) -> None:
        values[field] += 7

    generation = made.settle()
    right = {"protocolFee": 30_864, "nodeFee": 123_456}[field]
    with lying(made.url, in_log("Settled", falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert f"MISMATCH {field}: chain says {right + 7}, recomputed {right}" in lines
    assert "MISMATCH sum: chain says 1234567, recomputed 1234574" in lines
    assert any(line.startswith(f"MISMATCH {paid} 0x") for line in lines)


def test_an_amount_credited(made: World, wrong: Audited) -> None:
    def falsify(values: dict[str, Any]) -> None:
        first, second, third = values["amounts"]
        values["amounts"] = [first - 1, second + 1, third]

    generation = made.settle()
    with lying(made.url, in_log("Settled", falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[:2] == ["MISMATCH amount[1]: chain says 462878, recomputed 462879",
                         "MISMATCH amount[2]: chain says 463174, recomputed 463173"]
    assert [line.split(":")[0] for line in lines[2:]] == [
        "MISMATCH recording 1 disputable", "MISMATCH recording 2 disputable"]


def test_a_payout_to_the_wrong_holder(made: World, wrong: Audited) -> None:
    def falsify(values: dict[str, Any]) -> None:
        values["amount"] -= 1

    generation = made.settle()
    made.withdraw(1)
    with lying(made.url, in_log("Withdrawn", falsify)) as url:
        lines = wrong(generation, rpc=url)
    starts = ["MISMATCH payout of recording 1 matured in 0x",
              "MISMATCH recording 1 unclaimed: chain says 0, recomputed 1"]
    assert all(any(line.startswith(start) for line in lines) for start in starts), lines


def field(struct: int, place: int, value: Any) -> Alter:
    """Another value in one of settle's structs: 0 order, 2 attestation, 3 quorum."""

    def falsify(values: list[Any]) -> None:
        found = [*values[struct]]
        found[place] = value(found[place]) if callable(value) else value
        values[struct] = tuple(found)

    return in_calldata(falsify)


def swapped(signatures: bytes) -> bytes:
    return signatures[64:] + signatures[:64]


def in_splits() -> Alter:
    """The table of holders with its shares the other way round."""
    kind, types = SPLIT_EVENTS[0], ["address[]", "uint32[]"]

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        for log in [log for log in answer["result"] if log["topics"][0] == kind.topic]:
            payees, shares = decode(types, bytes.fromhex(log["data"][2:]))
            log["data"] = "0x" + encode(types, [payees, shares[::-1]]).hex()
        return answer

    return when("eth_getLogs", alter)


def removal(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
    """A removal of the set right after its activation, which never was."""
    kinds = {kind.name: kind.topic for kind in LEDGER_EVENTS}
    active = [log for log in answer["result"] if log["topics"][0] == kinds["SetActivated"]]
    gone = [{**log, "topics": [kinds["SetRemoved"], log["topics"][1]], "data": "0x",
             "logIndex": "0x9"} for log in active]
    return result([*answer["result"], *gone])


def poor(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
    balance = "0x" + keccak(text="balanceOf(address)")[:4].hex()
    return result("0x" + "00" * 32) if params[0]["data"].startswith(balance) else answer


def elsewhere(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
    return result({**answer["result"], "blockNumber": "0x0"})


NOBODY = "0x" + "11" * 20
LIES: list[tuple[str, Alter, str]] = [
    ("payer", field(0, 0, NOBODY), "payer: chain says 0x"),
    ("nonce", field(0, 1, 7_000), "order hash: chain says 0x"),
    ("nonce unused", field(0, 1, 7_000), "nonce used: chain says false, must be true"),
    ("maxPrice", field(0, 3, 1), "price: chain says 1234567, must be at most 1, as ordered"),
    ("tier", field(0, 4, 0), "order use: chain says 5, must be 1"),
    ("unknown tier", field(0, 4, 9), "order: malformed: KeyError: 9"),
    ("use", field(0, 5, 1), "order use: chain says 1, must be 5"),
    ("rule", field(0, 6, 1), "manifest.order.rule: chain says 1, manifest says 0"),
    ("deadline", field(0, 7, 5), "deadline: order says 5, must be at least "),
    ("price", field(2, 0, 5), "price: chain says 1234567, recomputed 5"),
    ("node", field(2, 1, NOBODY), "node: chain says 0x"),
    ("node allowed", field(2, 1, NOBODY), "node allowed: chain says true, recomputed false"),
    ("nodeFee", field(2, 2, 1_000_000), "nodeFee cap: chain says 1000000, must be at"),
    ("generatedAt", field(2, 3, lambda at: at - 1), "generatedAt: chain says "),
    ("lag", field(2, 3, 5), "lag: chain says at most 172800 seconds, it took "),
    ("entries", field(2, 4, bytes(8)), "amounts: entries: weights are not positive"),
    ("two entries", field(2, 4, lambda old: old + old), "amounts: entries: recordings are not"),
    ("manifest", field(2, 5, bytes(32)), "manifest digest: chain says 0x"),
    ("threshold", field(3, 0, 3), "oracle set: chain says 0x"),
    ("order of signatures", field(3, 2, swapped), "oracle signers: chain says ["),
    ("half a signature", field(3, 2, lambda old: old[:-1]), "oracle signature[1]: the set says"),
    ("another s", field(3, 2, lambda old: old[:-1] + b"\x01"), "oracle signature[1]: the set says"),
    ("uses", in_log("Registered", setting(uses=1)),
     "consent[3] uses: chain says 1, must be uses that include 5"),
    ("share", in_log("Registered", setting(maxShare=1)),
     "consent[3] share: chain says 100, must be at least 142740, the weight that was paid"),
    ("set's end", in_log("SetActivated", setting(terms=(250, 1_000, 5, 2**60))),
     "oracle set until: chain says 5, must be after "),
    ("set's fee", in_log("SetActivated", setting(terms=(1, 1_000, 2**39, 2**60))),
     "protocolFee: chain says 30864"),
    ("node stopped", in_log("NodeAllowed", setting(allowed=False)), "node allowed: chain says"),
    ("funds", in_log("Funded", setting(amount=5)), "escrow 0x"),
    ("table", in_splits(), "split 1: chain says [["),
    ("list of amounts", in_log("Settled", setting(amounts=[1])), "amounts: chain says 1, re"),
    ("recordings", in_log("Settled", setting(recordings=[1, 2, 4])), "recordings: chain says [1"),
    ("settled twice", twice("Settled"), "times settled: chain says 2, must be 1"),
    ("removed", when("eth_getLogs", removal), "oracle set: chain says 0x"),
    ("balance", when("eth_call", poor), "token balance: chain says 0, must be at least "),
    ("sender", when("eth_getTransactionByHash", elsewhere), "transaction block: chain says 0, rec"),
]


@pytest.mark.parametrize(("alter", "expected"), [row[1:] for row in LIES], ids=[r[0] for r in LIES])
def test_a_field_of_the_chain(made: World, wrong: Audited, alter: Alter, expected: str) -> None:
    generation = made.settle()
    with lying(made.url, alter) as url:
        lines = wrong(generation, rpc=url)
    assert found(lines, expected), lines
