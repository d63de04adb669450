"""Recordings that are registered with the same file are named, and the verdict stays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.auditor.cli import main
from tests.audit.ending import passed
from tests.audit.proxy import in_log, lying, setting
from tests.audit.world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("likeness")) as found:
        found.settle()
        yield found


def audited(made: World, capsys: pytest.CaptureFixture[str], *more: str, rpc: str = "",
            ) -> tuple[int, list[str]]:
    status = main(["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
                   "--ipfs", str(made.blocks.root), *more])
    return status, capsys.readouterr().out.splitlines()


def notices(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("NOTICE ")]


def test_the_same_file_of_two_owners(
    made: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before, lines = audited(made, capsys)
    assert before == 0 and notices(lines) == []
    made._register(made.teo, 0)
    made._register(made.mara, 0)
    status, lines = audited(made, capsys, "--json", str(tmp_path / "audit.json"))
    audio = hashlib.sha256(made.audio[0]).hexdigest()
    owners = f"1 of {made.mara}, 4 of {made.teo}, 5 of {made.mara}"
    assert notices(lines) == [f"NOTICE recordings with audio 0x{audio}: same audio: {owners}"]
    assert status == 0 and passed(lines[-1])
    found = json.loads((tmp_path / "audit.json").read_text())
    counted = re.search(r"of (\d+) checks", lines[-1])
    assert counted and int(counted[1]) == len(found["verdicts"]) - found["notices"]
    assert [one["kind"] for one in found["verdicts"] if one["state"] == "notice"] == ["same audio"]


def test_an_rpc_that_tells_of_another_file_is_found(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files told as one: the manifest and the registered audio no longer agree."""
    other = "0x" + hashlib.sha256(made.audio[1]).hexdigest()
    with lying(made.url, in_log("Registered", setting(audio=[other]), 0)) as url:
        status, lines = audited(made, capsys, rpc=url)
    assert status == 1 and any("references[1].audio" in line for line in lines)
    assert any(line.startswith(f"NOTICE recordings with audio {other}") for line in lines)
