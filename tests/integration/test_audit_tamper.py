"""One falsehood each: the audit names the field with both values and does not exit with 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi import decode, encode

from scripts import audit
from tests.audit_content import digest
from tests.audit_proxy import Alter, lying
from tests.audit_world import World, world

Audited = Callable[..., list[str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("tampered")) as found:
        yield found


@pytest.fixture
def wrong(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    """Audits one generation, insists on failure, and returns the lines that are not ok."""

    def run(generation: str, *more: str, rpc: str = "") -> list[str]:
        words = ["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
                 "--ipfs", str(made.blocks.root), "--generation", generation, *more]
        assert audit.main(words) == 1
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        bad = [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]
        assert lines[-1] == f"audit: {len(bad)} mismatches" and not printed.err
        return [line.replace(f"generation {generation[:10]}.. ", "") for line in bad]

    return run


def change(bytes_at: Path, position: int) -> int:
    data = bytearray(bytes_at.read_bytes())
    data[position] ^= 1
    return bytes_at.write_bytes(bytes(data))


def test_a_byte_of_the_pinned_audio(made: World, wrong: Audited) -> None:
    audio = bytes(made.samples[:-2]) + b"\x07\x00"
    generation, path = made.settle(audio=audio), made.blocks.path(audio)
    change(path, 5_000)
    said, found = audit.cid_of(audio), audit.cid_of(path.read_bytes())
    assert wrong(generation) == [
        f"MISMATCH audio block: the CID says {said}, recomputed {found}"
    ]


def test_a_block_that_is_missing(made: World, wrong: Audited) -> None:
    audio = bytes(made.samples[:-2]) + b"\x09\x00"
    generation = made.settle(audio=audio)
    made.blocks.path(audio).unlink()
    (line,) = wrong(generation)
    assert line.startswith(f"UNREADABLE audio: block {audit.cid_of(audio)}")
    assert digest(audio) in line


def test_a_manifest_that_is_missing(made: World, wrong: Audited) -> None:
    generation = made.settle()
    log = made.rig.ledger.events.Settled().get_logs(from_block=0)[-1]
    name = log["args"]["manifest"].hex()
    (made.blocks.root / "blocks" / name[:2] / name).unlink()
    (line,) = wrong(generation)
    assert line.startswith("UNREADABLE manifest: block") and name in line


@pytest.mark.parametrize("name", ["realised", "declared", "audible", "responsibility", "shapley"])
def test_a_weight_in_the_manifest(made: World, wrong: Audited, name: str) -> None:
    def shift(manifest: dict[str, Any]) -> None:
        first, second, *_ = manifest["vectors"][name]
        first["weight"] += 20
        second["weight"] -= 20
        said.extend([first["weight"], second["weight"]])

    said: list[int] = []
    lines = wrong(made.settle(in_manifest=shift))
    assert len(lines) == 2
    for line, recording, weight, off in zip(lines, (1, 2), said, (-20, 20), strict=True):
        assert line.startswith(f"MISMATCH vectors.{name}[{recording}]: manifest says {weight}, ")
        assert int(line.split("recomputed ")[1].split()[0]) == pytest.approx(weight + off, abs=1)


def test_a_draw_in_the_trace(made: World, wrong: Audited) -> None:
    """The first unit was reference 1's; the trace now says 2, so what was paid does not follow.

    Of 154,511 audible frames 22,050 change hands: 66,213 and 66,234 become 44,163 and 88,284.
    """

    def redraw(trace: dict[str, Any]) -> None:
        trace["draws"][0] = 2

    lines = wrong(made.settle(in_trace=redraw))
    assert lines == [
        "MISMATCH vectors.realised[1]: manifest says 428533, recomputed 285824",
        "MISMATCH vectors.realised[2]: manifest says 428668, recomputed 571377",
        "MISMATCH weight[1]: chain says 428533, recomputed 285824",
        "MISMATCH weight[2]: chain says 428668, recomputed 571377",
    ]


def test_weights_paid_by_another_vector(made: World, wrong: Audited) -> None:
    lines = wrong(made.settle(entries={1: 1, 2: 2, 3: 999_997}))
    assert lines == [
        "MISMATCH weight[1]: chain says 1, recomputed 428533",
        "MISMATCH weight[2]: chain says 2, recomputed 428668",
        "MISMATCH weight[3]: chain says 999997, recomputed 142799",
    ]


FALSE_FIELDS: list[tuple[str, Any, Any]] = [
    ("price", "1", "manifest.price: chain says 1234567, recomputed 1"),
    ("node_fee", "1", "manifest.node_fee: chain says 123456, recomputed 1"),
    ("rule", "declared", "manifest.rule: chain says realised, recomputed declared"),
    ("refrain_manifest", 2, "manifest.refrain_manifest: chain says 1, recomputed 2"),
    ("extra", 1, "manifest keys"),
    ("block.timestamp", 5, "manifest.block.timestamp"),
    ("block.hash", "0x" + "00" * 32, "manifest.block.hash"),
    ("chain.id", 1, "manifest.chain.id: chain says 31337, recomputed 1"),
    ("order.maxPrice", "3", "manifest.order.maxPrice: chain says 2000000, recomputed 3"),
    ("order_signature", "0x", "manifest.order_signature"),
    ("generation", "0x12", "manifest.generation"),
    ("engine.name", "magenta", "trace.engine.name: manifest says magenta, recomputed mosaic"),
    ("entries", "0x", "manifest.entries"),
    ("set.threshold", 1, "manifest.set.threshold: chain says 2, recomputed 1"),
    ("request.length", 6, "request digest"),
    ("audio.frames", 7, "audio.frames: manifest says 7, recomputed 220500"),
    ("audio.samples", "00" * 32, "audio.samples"),
    ("audio.sha256", "00" * 32, "audio.sha256"),
    ("audio.rate", 48_000, "audio.rate: manifest says 48000, recomputed 44100"),
    ("trace.sha256", "00" * 32, "trace.sha256"),
    ("trace.cid", "bafk", "trace"),
    ("references.0.audio", "00" * 32, "references[1].audio"),
    ("references.0.metadata", "0x00", "references[1].metadata"),
    ("references.0.recording", 2, "references: request says [1, 2, 3], recomputed [2, 2, 3]"),
    ("vectors", {}, "vectors: manifest says"),
    ("audio", [], "audio"),
]


@pytest.mark.parametrize(("place", "value", "expected"), FALSE_FIELDS, ids=lambda x: str(x)[:40])
def test_a_field_of_the_manifest(
    made: World, wrong: Audited, place: str, value: Any, expected: str
) -> None:
    def falsify(manifest: Any) -> None:
        *path, last = place.split(".")
        for key in path:
            manifest = manifest[int(key) if key.isdigit() else key]
        manifest[last] = value

    lines = wrong(made.settle(in_manifest=falsify))
    assert any(line.split(" ", 1)[1].startswith(expected) for line in lines), lines


def test_an_amount_in_a_statement(made: World, wrong: Audited) -> None:
    generation = made.settle()
    path = made.statement(made.teo)
    rows = path.read_text().splitlines()
    amount = rows[2].rsplit(",", 1)[1]
    rows[2] = rows[2].removesuffix(amount) + "999999999"
    path.write_text("\n".join(rows) + "\n")
    assert wrong(generation, "--statement", str(path)) == [
        f"MISMATCH statement {made.teo} row 2 amount: file says 999999999, chain says {amount}"
    ]


def test_a_row_left_out_of_a_statement(made: World, wrong: Audited) -> None:
    generation = made.settle()
    path = made.statement(made.teo)
    rows = path.read_text().splitlines()
    path.write_text("\n".join([*rows[:1], *rows[2:]]) + "\n")
    lines = wrong(generation, "--statement", str(path))
    count = len(rows) - 1
    assert lines[0].endswith(f"rows: file says {count - 1}, chain says {count}")
    assert "row missing: file says nothing" in lines[1]


def in_calldata(change: Callable[[list[Any]], None]) -> Alter:
    """Alters the decoded arguments of settle in every transaction the RPC tells of."""

    def alter(method: str, params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getTransactionByHash":
            data = answer["result"]["input"]
            values = [*decode(audit.SETTLE_TYPES, bytes.fromhex(data[10:]))]
            change(values)
            answer["result"]["input"] = data[:10] + encode(audit.SETTLE_TYPES, values).hex()
        return answer

    return alter


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
        r, s, v = values[1][:32], int.from_bytes(values[1][32:64], "big"), values[1][64]
        values[1] = r + (order - s).to_bytes(32, "big") + bytes([55 - v])

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
        values[3] = (threshold, signers, signatures[:65])

    generation = made.settle()
    with lying(made.url, in_calldata(falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines == ["MISMATCH oracle signatures: chain says 1, recomputed at least 2"]


def in_log(made: World, event: str, change: Callable[[dict[str, Any]], None]) -> Alter:
    """Alters the values in the data of the newest log of that event."""
    (kind,) = [k for k in audit.LEDGER_EVENTS if k.name == event]
    rest = [(k, name) for k, indexed, name in kind.arguments if not indexed]
    types = [k for k, _ in rest]

    def alter(method: str, params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getLogs":
            logs = [log for log in answer["result"] if log["topics"][0] == kind.topic]
            for log in logs[-1:]:
                values = decode(types, bytes.fromhex(log["data"][2:]))
                found = dict(zip([name for _, name in rest], values, strict=True))
                change(found)
                log["data"] = "0x" + encode(types, list(found.values())).hex()
        return answer

    return alter


def test_a_consent_window(made: World, wrong: Audited) -> None:
    """The newest registration's consent ends, so the RPC now says, before the track was made."""
    generation = made.settle()
    made_at = made.rig.ledger.events.Settled().get_logs(from_block=0)[-1]["blockNumber"]
    ended = made.rig.w3.eth.get_block(made_at - 1)["timestamp"]

    def falsify(values: dict[str, Any]) -> None:
        values["consentUntil"] = ended

    with lying(made.url, in_log(made, "Registered", falsify)) as url:
        lines = wrong(generation, rpc=url)
    since = made.rig.ledger.functions.recordings(3).call()[2]
    assert lines[0] == (f"MISMATCH consent[3] window: chain says {since} to {ended}, "
                        f"recomputed generated at {ended}")
    assert lines[1].startswith("MISMATCH recording 3 consent: chain says")


@pytest.mark.parametrize(
    ("field", "paid"), [("protocolFee", "protocol fees of"), ("nodeFee", "node")]
)
def test_a_fee(made: World, wrong: Audited, field: str, paid: str) -> None:
    def falsify(values: dict[str, Any]) -> None:
        values[field] += 7

    generation = made.settle()
    right = {"protocolFee": 30_864, "nodeFee": 123_456}[field]
    with lying(made.url, in_log(made, "Settled", falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert f"MISMATCH {field}: chain says {right + 7}, recomputed {right}" in lines
    assert "MISMATCH sum: chain says 1234567, recomputed 1234574" in lines
    assert any(line.startswith(f"MISMATCH {paid} 0x") for line in lines)


def test_an_amount_credited(made: World, wrong: Audited) -> None:
    def falsify(values: dict[str, Any]) -> None:
        first, second, third = values["amounts"]
        values["amounts"] = [first - 1, second + 1, third]

    generation = made.settle()
    with lying(made.url, in_log(made, "Settled", falsify)) as url:
        lines = wrong(generation, rpc=url)
    assert lines[:2] == ["MISMATCH amount[1]: chain says 462920, recomputed 462921",
                         "MISMATCH amount[2]: chain says 463068, recomputed 463067"]
    assert [line.split(":")[0] for line in lines[2:]] == [
        "MISMATCH recording 1", "MISMATCH recording 2"]


def test_a_payout_to_the_wrong_holder(made: World, wrong: Audited) -> None:
    def falsify(values: dict[str, Any]) -> None:
        values["amount"] -= 1

    generation = made.settle()
    made.withdraw(1)
    with lying(made.url, in_log(made, "Withdrawn", falsify)) as url:
        lines = wrong(generation, rpc=url)
    starts = ["MISMATCH payout of recording 1 in 0x", "MISMATCH recording 1: chain says 0, recom"]
    assert all(any(line.startswith(start) for line in lines) for start in starts)
