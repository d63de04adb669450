"""An RPC that lies consistently: what follows from the hash of one block shows it.

The audit runs on recorded answers, each of which a test may alter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.auditor import stored
from scripts.auditor.accounts import ACCOUNT, RECORDING
from scripts.auditor.chain import Chain
from scripts.auditor.headers import header_hash
from scripts.auditor.report import Report
from scripts.auditor.state_checks import open_state
from tests.audit.life import Life, life
from tests.audit.proxy import Alter, in_log, result, setting, when, without
from tests.audit.recorded import Recorded, unaltered

STRANGER = "0x" + "34" * 20
MONEY = ("--require", "money")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """A chain whose last event names an account that no other event names."""
    with life(tmp_path_factory.mktemp("proofs")) as made:
        made.rig.fund(STRANGER, 5)
        yield Recorded(made)


@pytest.fixture
def bad(recorded: Recorded) -> Callable[..., list[str]]:
    """The lines that are not ok, where answers are altered."""
    return lambda alter, *more: recorded.audited(alter, *more)[1]


def last_block(made: Life) -> dict[str, Any]:
    rpc = made.rig.w3.provider.make_request
    found: dict[str, Any] = rpc("eth_getBlockByNumber", ["latest", False])["result"]
    return found


def left(recorded: Recorded, *more: str) -> set[str]:
    """The trusts that an audit of the true chain leaves."""
    lines = recorded.lines(unaltered, *more)
    assert not any(line.startswith(("MISMATCH", "UNREADABLE")) for line in lines)
    return {line.split(": ")[1] for line in lines if line.startswith("NOT CHECKED trust")}


def test_what_is_proven_needs_no_trust(recorded: Recorded) -> None:
    made = recorded.made
    everything = left(recorded, "--prove", "none")
    assert everything - left(recorded) == {"state"}
    assert "contract code" not in everything
    head = last_block(made)["hash"]  # type: ignore[arg-type]
    assert everything - left(recorded, "--head", head) == {"state", "fork"}
    assert everything - left(recorded, "--rpc2", made.url) == {"state", "fork"}
    gone = everything - left(recorded, "--head", head, "--prove", "all")
    assert gone == {"state", "fork", "receipts", "list of events"}


VIEWS = {
    "recordingCount()": "uint256", "authority()": "address", "paused()": "bool",
    "protocolReceiver()": "address", "poolReceiver()": "address",
    "recordings(uint32)": RECORDING[1], "pastConsent(uint32,uint8)": "uint256",
    "floors(uint32)": "uint64[4]", "offeredTo(uint32)": "address", "accounts(address)": ACCOUNT[1],
    **dict.fromkeys(("exitTime(address)", "nodeBalance(address)", "nodeDisputable(address)",
                     "nodeSpent(address)", "parked(address)", "accrued(address)"), "uint256"),
    "isNodeAllowed(address)": "bool", "frozen(bytes32)": "uint256",
    "sets(bytes32)": "bool,bool,uint16,uint16,uint40,uint40,uint64",
}


def test_every_view_of_the_ledger_is_what_the_words_say(recorded: Recorded) -> None:
    """For every account, recording, version, set and attestation; nothing is left out."""
    made, chain = recorded.made, Chain(recorded.rpc, 0)
    ledger, report = made.rig.ledger.address, Report([])
    events = made.rig.ledger.events
    keys = [log["args"]["attestation"] for log in events.Frozen().get_logs(from_block=0)]
    keys += [log["args"]["set"] for log in events.SetActivated().get_logs(from_block=0)]
    people = [*made.rig.w3.eth.accounts, made.payer.address, made.claim.address, STRANGER]
    asked = {"": [()], "address": [(who,) for who in people], "bytes32": [(key,) for key in keys],
             "uint32": [(number,) for number in range(7)],
             "uint32,uint8": [(number, version) for number in range(7) for version in (0, 1, 255)]}
    chain.window = chain.view(ledger, "window()", "uint256")
    said = {(call, row): chain.view(ledger, call, outputs, *row) for call, outputs in VIEWS.items()
            for row in asked[call.split("(")[1][:-1]]}
    open_state(chain, ledger, "state", report)
    assert chain.state is not None and {*VIEWS} == {*stored.LEDGER}
    found = {(call, row): chain.view(ledger, call, VIEWS[call], *row) for call, row in said}
    assert found == said and len(said) > 200
    assert len({str(value) for value in said.values()}) > 25


def test_an_event_that_nothing_else_tells_of(bad: Callable[..., list[str]]) -> None:
    """The token's balance covers more than the accounts that are known, so only the root shows."""
    assert bad(without("Funded"), "--prove", "none") == []
    lines = bad(without("Funded"))
    assert len(lines) == 1 and lines[0].startswith("MISMATCH storage of the ledger 0x")


TABLES = [
    ("table", "SplitCreated", {"shares": [600_000, 400_000]}),
    ("rows", "TableCreated", {"shares": [999_998, 2]}),
    ("pies", "PiesCreated", {"masterShare": 7}),
    ("deal", "RecoupmentCreated", {"deal": "0x" + "12" * 32}),
]


@pytest.mark.parametrize(("event", "values"), [row[1:] for row in TABLES],
                         ids=[row[0] for row in TABLES])
def test_a_split_is_kept_under_the_hash_of_its_content(
    bad: Callable[..., list[str]], event: str, values: dict[str, Any]
) -> None:
    lines = bad(in_log(event, setting(**values)))
    assert any(" content: the state says 0, by its event" in line for line in lines), lines


def in_proof(change: Callable[[dict[str, Any]], None]) -> Alter:
    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        change(answer["result"])
        return answer

    return when("eth_getProof", alter)


def in_last_node(found: dict[str, Any]) -> None:
    for row in found["storageProof"][:1]:
        node = row["proof"][-1]
        row["proof"][-1] = node[:-1] + ("0" if node[-1] != "0" else "1")


PROOFS: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("a node", in_last_node),
    ("no nodes", lambda found: [row["proof"].clear() for row in found["storageProof"]]),
    ("a slot left out", lambda found: found["storageProof"][-1:].clear()
     or found.update(storageProof=found["storageProof"][:-1])),
    ("the account", lambda found: found["accountProof"].pop()),
]


@pytest.mark.parametrize("change", [row[1] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_a_proof_that_is_none(bad: Callable[..., list[str]], change: Any) -> None:
    lines = bad(in_proof(change))
    assert any("the proof lacks a node" in line or "slots is due" in line for line in lines), lines


def test_values_beside_a_proof_do_not_count(bad: Callable[..., list[str]]) -> None:
    def change(found: dict[str, Any]) -> None:
        found.update(storageHash="0x" + "12" * 32, codeHash="0x" + "12" * 32)
        for row in found["storageProof"]:
            row["value"] = "0x7"

    assert bad(in_proof(change)) == []


def test_an_rpc_without_proofs_is_named(recorded: Recorded) -> None:
    refused = when("eth_getProof", {"error": {"code": -32601, "message": "no such method"}})
    lines = recorded.lines(refused)
    assert any(line.startswith("NOT CHECKED trust: state: ") for line in lines)
    assert recorded.audited(refused)[1] == []


def at_block(number: int, change: Callable[[dict[str, Any]], None]) -> Alter:
    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if int(params[0], 16) == number:
            change(answer["result"])
        return answer

    return when("eth_getBlockByNumber", alter)


def later(block: dict[str, Any]) -> None:
    block["timestamp"] = hex(int(block["timestamp"], 16) + 1)


def later_with_its_hash(block: dict[str, Any]) -> None:
    later(block)
    block["hash"] = header_hash(block)


def read_blocks(recorded: Recorded) -> list[int]:
    """The blocks whose headers an audit reads."""
    seen = set[int]()

    def watched(method: str, params: list[Any], answer: Any) -> Any:
        if method == "eth_getBlockByNumber":
            seen.add(int(params[0], 16))
        return answer

    recorded.audited(watched)
    return sorted(seen)


def test_a_falsified_timestamp_of_any_block(recorded: Recorded) -> None:
    numbers = read_blocks(recorded)
    assert len(numbers) > 40
    passed = [n for n in numbers if not recorded.audited(at_block(n, later))[1]]
    assert passed == []


def test_a_falsified_timestamp_under_a_hash_of_its_own(recorded: Recorded) -> None:
    """Such a block is no ancestor of the head."""
    head = last_block(recorded.made)["hash"]  # type: ignore[arg-type]
    *numbers, newest = read_blocks(recorded)
    assert newest == int(last_block(recorded.made)["number"], 16)  # this one is asked for by hash
    words = ("--prove", "all", "--head", head)
    for number in numbers[::5]:
        lines = recorded.audited(at_block(number, later_with_its_hash), *words)[1]
        assert any(f"block {number} is not the parent of" in line for line in lines), lines


def test_a_second_rpc_shows_another_history(recorded: Recorded) -> None:
    one = recorded.made.made["late"].id
    words = ("--generation", one, "--prove", "named")
    block = int(next(log["blockNumber"] for log in recorded.made.rig.ledger.events.Settled()
                     .get_logs(from_block=0) if "0x" + log["args"]["order"].hex() == one))
    alter = at_block(block, later_with_its_hash)
    assert any(f"block {block} is not the parent" in x for x in recorded.audited(alter, *words)[1])
    recorded.second = unaltered
    lines = recorded.audited(alter, *words, "--rpc2", "http://second")[1]
    assert any(x.startswith(f"MISMATCH block {block} of --rpc2") for x in lines), lines


HIDDEN = [("Paused", without("Paused")), ("Unpaused and Paused", without("Unpaused")),
          ("Amended", in_log("Amended", setting(consentUntil=7_000_000_000 % 2**32))),
          ("Registered", in_log("Registered", setting(isrcs="X"))),
          ("Challenged", in_log("Challenged", setting(grounds="0x" + "12" * 32))),
          ("Paused by", in_log("Paused", setting(by="0x" + "12" * 20)))]


@pytest.mark.parametrize("alter", [row[1] for row in HIDDEN], ids=[row[0] for row in HIDDEN])
def test_what_no_state_keeps_is_in_the_receipts(recorded: Recorded, alter: Alter) -> None:
    lines = recorded.audited(alter, "--prove", "all")[1]
    assert any(line.startswith("MISMATCH events of 0x") for line in lines), lines


def in_receipts(change: Callable[[list[Any]], None]) -> Alter:
    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        change(answer["result"])
        return answer

    return when("eth_getBlockReceipts", alter)


def other_data(receipts: list[Any]) -> None:
    for log in receipts[0]["logs"][:1]:
        log["data"] += "00"


RECEIPTS: list[tuple[str, Callable[[list[Any]], Any]]] = [
    ("data", other_data),
    ("a log", lambda found: found[0]["logs"].pop()),
    ("a receipt", lambda found: found.pop()),
    ("status", lambda found: found[0].update(status="0x0")),
]


@pytest.mark.parametrize("change", [row[1] for row in RECEIPTS], ids=[row[0] for row in RECEIPTS])
def test_receipts_have_the_root_of_the_header(recorded: Recorded, change: Any) -> None:
    one = recorded.made.made["late"].id
    words = ("--generation", one, "--prove", "named")
    assert recorded.audited(unaltered, *words)[1] == []
    lines = recorded.audited(in_receipts(change), *words)[1]
    assert len(lines) == 1 and "the receipts have the root 0x" in lines[0], lines


def test_receipts_are_read_one_by_one_where_an_rpc_has_no_list(recorded: Recorded) -> None:
    one = recorded.made.made["late"].id
    refused = when("eth_getBlockReceipts", {"error": {"code": -32601, "message": "unknown"}})
    assert recorded.audited(refused, "--generation", one, "--prove", "named")[1] == []


def test_an_upgrade_brings_the_receipts_of_its_original(recorded: Recorded) -> None:
    one = recorded.made.made["upgrade"].id
    lines = recorded.lines(unaltered, "--generation", one, "--prove", "named")
    assert any("only those of 2 blocks are proven" in line for line in lines)


@pytest.mark.parametrize("head", ["0x" + "12" * 32, "another block"])
def test_a_head_that_is_another(recorded: Recorded, head: str) -> None:
    """An unknown hash cannot be read; another header under a known hash has another hash."""
    if head.startswith("0x"):
        lines = recorded.audited(unaltered, "--head", head)[1]
        assert lines == [f"UNREADABLE history: --head {head}: the RPC does not have this block"]
        return
    true = last_block(recorded.made)["hash"]  # type: ignore[arg-type]

    def other(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        later(answer["result"])
        return answer

    lines = recorded.audited(when("eth_getBlockByHash", other), "--head", true)[1]
    assert any(line.startswith("MISMATCH head of --head") for line in lines), lines


def test_a_second_rpc_with_another_head(recorded: Recorded) -> None:
    recorded.second = when("eth_getBlockByNumber", result(None))
    lines = recorded.audited(unaltered, "--rpc2", "http://second")[1]
    assert len(lines) == 1 and lines[0].startswith("MISMATCH head of --rpc2: the second RPC")
