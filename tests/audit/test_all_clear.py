"""An audit never gives an all-clear for what it did not look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.auditor.cli import main
from scripts.auditor.kinds import KINDS, PARTS, STANDING, WORDS, level
from tests.audit.content import Blocks, digest, wav, without_edits
from tests.audit.ending import passed
from tests.audit.proxy import lying, result, when
from tests.audit.world import World, world

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/auditor.md"
Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("clear")) as found:
        found.first = found.settle()  # type: ignore[attr-defined]
        yield found


@pytest.fixture
def run(made: World, capsys: pytest.CaptureFixture[str]) -> Run:
    def audit(*more: str, rpc: str = "") -> tuple[int, list[str]]:
        words = ["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
                 "--ipfs", str(made.blocks.root)]
        return main([*words, *more]), capsys.readouterr().out.splitlines()

    return audit


def kinds(lines: list[str]) -> set[str]:
    """The kinds of what was not checked, without the trusts that every audit has."""
    rows = [line.split(": ") for line in lines if line.startswith("NOT CHECKED ")]
    return {row[1] for row in rows} - set(STANDING)


def test_the_last_line_counts_everything(made: World, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "audit.json"
    status, lines = run("--json", str(out), "--generation", made.first)  # type: ignore[attr-defined]
    told = re.fullmatch(
        r"audit: 0 mismatches, 0 unreadable, (\d+) not checked of (\d+) checks; scope 1 of \d+ "
        r"generations, blocks 0 to \d+; money and content agree", lines[-1])
    assert told and status == 0
    left, whole = map(int, told.groups())
    proven = {"state", "contract code"}
    assert left == sum(line.startswith("NOT CHECKED") for line in lines)
    assert left == len({*STANDING} - proven) + 1
    assert whole - left == sum(line.startswith("ok ") for line in lines)
    found = json.loads(out.read_text())
    assert (found["not_checked"], len(found["verdicts"])) == (left, whole)


@pytest.mark.parametrize(("part", "status"), [("money", 0), ("content", 0), ("sound", 3)])
def test_the_status_is_that_of_the_required_part(
    made: World, run: Run, part: str, status: int
) -> None:
    found, lines = run("--require", part, "--generation", made.first)  # type: ignore[attr-defined]
    assert found == status and passed(lines[-1]) and kinds(lines) == {"sound"}


def test_an_audit_of_nothing_is_incomplete(made: World, run: Run) -> None:
    """Blocks before the first settlement: everything agrees, and nothing was looked at."""
    height = made.rig.w3.eth.block_number
    settled = made.rig.ledger.events.Settled().get_logs(from_block=0)[0]["blockNumber"]
    status, lines = run("--confirmations", str(height - settled + 1), "--require", "money")
    assert status == 3 and lines[-1].endswith("; incomplete")
    assert {"nothing audited", "newer blocks"} <= kinds(lines)
    orders = made.rig.ledger.events.Settled().get_logs(from_block=0)
    assert f"scope 0 of {len(orders)} " in lines[-1]


def test_settlements_in_blocks_that_are_left_out_are_named(made: World, run: Run) -> None:
    made.settle()
    status, lines = run("--confirmations", "1")
    assert status == 3 and "newer blocks" in kinds(lines)
    assert any("1 settled in the blocks" in line for line in lines)


def test_an_old_head_is_no_all_clear(made: World, run: Run) -> None:
    def older(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        block = answer["result"]
        return result({**block, "timestamp": hex(int(block["timestamp"], 16) - 4_000)})

    words = ("--generation", made.first)  # type: ignore[attr-defined]
    assert "old head" not in kinds(run(*words)[1])
    with lying(made.url, when("eth_getBlockByNumber", older)) as url:
        lines = run(*words, rpc=url)[1]
        assert "old head" in kinds(lines)
        assert "old head" not in kinds(run(*words, "--max-age", "5000", rpc=url)[1])


def empty(blocks: Blocks) -> tuple[str, bytes]:
    blocks.put(b"{}")
    return digest(b"{}"), b"{}"


def test_an_empty_manifest_that_the_chain_names(made: World, run: Run) -> None:
    """Its digest is what the chain says, so nothing is missing and nothing is right."""
    name, _ = empty(made.blocks)
    one = made.make()
    stated = {**one.attestation, "manifest": bytes.fromhex(name)}
    made.rig.send(made.rig.settlement(made.payer, one.order, stated))
    status, lines = run("--generation", one.id)
    assert status == 1 and any("manifest.audio is missing" in line for line in lines)
    assert "missing input" in kinds(lines)


def test_an_empty_trace_that_the_manifest_names(made: World, run: Run) -> None:
    def clear(trace: dict[str, Any]) -> None:
        trace.clear()

    status, lines = run("--generation", made.settle(in_trace=clear))
    assert status == 1 and lines[-1].endswith("; does not agree")
    assert any(line.startswith("MISMATCH") and "refrain_trace" in line for line in lines)


def test_a_trace_without_edits_shows_no_weights(made: World, run: Run) -> None:
    def old(trace: dict[str, Any]) -> None:
        kept = without_edits(dict(trace))
        trace.clear()
        trace.update(kept)

    status, lines = run("--generation", made.settle(in_trace=old))
    assert status == 3 and passed(lines[-1], "money agrees")
    assert kinds(lines) == {"no edits", "silent units", "sound"}


@pytest.mark.parametrize(("rate", "channels"), [(100, 1), (44_100, 1), (48_000, 2)])
def test_audio_of_another_rate_or_number_of_channels(
    made: World, run: Run, rate: int, channels: int
) -> None:
    data = bytearray(wav(5 * rate * channels // 2, 37))
    data[22:24], data[24:28] = channels.to_bytes(2, "little"), rate.to_bytes(4, "little")
    data[28:32] = (rate * channels * 2).to_bytes(4, "little")
    data[32:34] = (channels * 2).to_bytes(2, "little")

    def describe(manifest: dict[str, Any]) -> None:
        manifest["audio"] |= {"rate": rate, "channels": channels, "frames": 5 * rate}

    def fit(trace: dict[str, Any]) -> None:
        trace["rate"] = rate

    lines = run("--generation", made.settle(audio=bytes(data), in_manifest=describe,
                                            in_trace=fit))[1]
    assert any(f"audio has {channels} channels at {rate} Hz" in line for line in lines)
    assert any("MISMATCH" in line and "manifest.audio." in line for line in lines)


def test_what_the_chain_does_not_answer_is_incomplete(made: World, run: Run) -> None:
    with lying(made.url, when("eth_getTransactionByHash", result(None))) as url:
        status, lines = run("--generation", made.first, rpc=url)  # type: ignore[attr-defined]
    assert status == 3 and lines[-1].endswith("; incomplete")
    assert "missing input" in kinds(lines) and not any(x.startswith("MISMATCH") for x in lines)


@pytest.mark.parametrize(("open_parts", "word"), [
    ({"money", "sound"}, "incomplete"), ({"content"}, "money agrees"),
    ({"sound", "trust"}, "money and content agree"), ({"trust"}, "money, content and sound agree"),
])
def test_a_verdict_ends_at_the_first_part_that_is_open(open_parts: set[str], word: str) -> None:
    assert WORDS[level(open_parts)] == word


def test_the_guide_lists_every_kind_and_no_other() -> None:
    table = GUIDE.read_text().split("## What is not checked", 1)[1].split("\n## ", 1)[0]
    listed = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", table, re.MULTILINE)
    named = {"": "the step", "trust": "nothing", **{part: part for part in PARTS}}
    assert listed == [(kind, named[part]) for kind, (part, _) in KINDS.items()]
