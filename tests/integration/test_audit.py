"""The audit of a correct chain has no mismatch, with each source of content."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from Crypto.Cipher import ChaCha20

from scripts.auditor.cids import DAG_PB, RAW, cid_of, cid_parts, cid_text, node_block
from scripts.auditor.cli import main
from scripts.auditor.content import Content
from scripts.auditor.json_text import canonical, parse
from scripts.auditor.report import BROKEN, Unreadable
from tests.audit.content import wav
from tests.audit.ending import passed
from tests.audit.proxy import lying, serving
from tests.audit.world import World, first_version, world

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/audit.py"
REQUESTS = json.loads((ROOT / "tests/vectors/requests.json").read_text())
CIDS = json.loads((ROOT / "tests/vectors/cids.json").read_text())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three generations by the rules that pay, the last by version 1 of requests, and payouts."""
    with world(tmp_path_factory.mktemp("audit")) as made:
        made.settle()
        made.settle(rule="declared")
        made.withdraw(1, 2)
        made.settle({1: 400_001, 3: 599_999}, rule="audible", in_request=first_version)
        made.withdraw(1)
        yield made


def arguments(made: World, **changes: str) -> list[str]:
    plain = {"rpc": made.url, "ledger": made.rig.ledger.address, "ipfs": str(made.blocks.root)}
    return [word for key, value in {**plain, **changes}.items() for word in (f"--{key}", value)]


def test_a_clean_world_has_no_mismatch(clean: World, capsys: pytest.CaptureFixture[str]) -> None:
    statements = [str(clean.statement(who)) for who in (clean.mara, clean.partner, clean.teo)]
    words = [word for path in statements for word in ("--statement", path)]
    assert main([*arguments(clean), *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert passed(lines[-1])
    assert sum(line.startswith("== generation") for line in lines) == 3
    assert sum(line.endswith(" row 1 amount") for line in lines) == 3


def test_every_generation_gets_every_verdict(clean: World, tmp_path: Path) -> None:
    out = tmp_path / "audit.json"
    assert main([*arguments(clean), "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    names = {verdict["field"].split(".. ")[-1] for verdict in found["verdicts"]}
    expected = {
        "order hash", "order signature", "oracle signature[0]", "oracle set", "protocolFee",
        "amount[1]", "sum", "manifest form", "manifest.block.hash", "generatedAt",
        "request digest", "request keys", "request.prompt_commitment",
        "consent[2] window", "consent[2] uses", "consent[2] share",
        "trace.sha256", "trace.seed", "vectors.shapley[3]", "vectors.responsibility[1]",
        "weight[1]", "audio.sha256", "audio.samples", "references[1].audio", "royalty floor",
        "node cap", "paused", "upgraded",
    }
    assert expected <= names
    assert found["mismatches"] == 0 and found["verdict"] == "money and content agree"
    states = {verdict["state"]: verdict["ok"] for verdict in found["verdicts"]}
    assert states == {"ok": True, "not checked": False}


def test_one_generation_can_be_named(clean: World, capsys: pytest.CaptureFixture[str]) -> None:
    order = clean.rig.ledger.events.Settled().get_logs(from_block=0)[1]["args"]["order"].hex()
    assert main([*arguments(clean), "--generation", f"0x{order}"]) == 0
    titles = [x for x in capsys.readouterr().out.splitlines() if x.startswith("== generation")]
    assert titles == [f"== generation 0x{order}"]


def test_a_generation_that_was_not_settled_counts(
    clean: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments(clean), "--generation", "0x" + "12" * 32]) == 3
    assert "no Settled event" in capsys.readouterr().out


def test_it_runs_by_itself_and_writes_its_text(clean: World, tmp_path: Path) -> None:
    deployment, text = tmp_path / "deployment.json", tmp_path / "audit.txt"
    rig = clean.rig
    named = {"chainId": 31337, "ledger": rig.ledger.address, "block": 0,
             "token": rig.token.address, "splits": rig.splits.address}
    deployment.write_text(json.dumps(named))
    command = [sys.executable, str(SCRIPT), "--rpc", clean.url, "--deployment", str(deployment),
               "--ipfs", str(clean.blocks.root), "--text", str(text), "--confirmations", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert passed(done.stdout)
    assert text.read_text() == done.stdout


def test_a_gateway_serves_as_well(clean: World) -> None:
    def gateway(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        parts = urlsplit(request.path)
        _, digest = cid_parts(parts.path.removeprefix("/ipfs/"))
        path = clean.blocks.root / "blocks" / digest.hex()[:2] / digest.hex()
        return (200, path.read_bytes()) if parts.query == "format=raw" else (406, b"")

    with serving(gateway) as url:
        assert main(arguments(clean, ipfs=url)) == 0


def test_a_folder_of_plain_files_serves_as_well(clean: World, tmp_path: Path) -> None:
    for number, path in enumerate(sorted((clean.blocks.root / "blocks").glob("*/*"))):
        (tmp_path / f"download {number}").write_bytes(path.read_bytes())
    assert main(arguments(clean, ipfs=str(tmp_path))) == 0


def test_audio_of_several_blocks(clean: World, tmp_path: Path) -> None:
    data = wav(7 * 44_100, 41)
    (tmp_path / "track.wav").write_bytes(data)
    content = Content(str(tmp_path))
    root = cid_of(data)
    assert root.startswith("bafybei") and content.file(root) == data


def stream(seed: str, size: int) -> bytes:
    return ChaCha20.new(key=sha256(seed.encode()).digest(), nonce=bytes(12)).encrypt(bytes(size))


@pytest.mark.parametrize("vector", REQUESTS, ids=["version 1", "version 2"])
def test_requests_of_both_versions_have_the_digest_of_the_vectors(vector: dict) -> None:
    found = canonical(vector["request"])
    assert found.decode() == vector["canonical"]
    assert sha256(found).hexdigest() == vector["digest"]


@pytest.mark.parametrize(
    "vector", [vector for vector in CIDS["files"] if vector.get("size", 0) < 1 << 22], ids=str
)
def test_cids_are_those_of_the_profile(vector: dict) -> None:
    data = vector["text"].encode() if "text" in vector else stream(vector["seed"], vector["size"])
    assert cid_of(data) == vector["cid"]


@pytest.mark.parametrize("vector", CIDS["not_ours"], ids=lambda vector: vector["why"])
def test_other_cids_are_refused(vector: dict) -> None:
    with pytest.raises(BROKEN):
        cid_parts(vector["cid"])


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"a":1.5}', '{"a":NaN}', '{"a":1,"a":1}', '{"a":1e2}', "[" * 100_000, "7"]
)
def test_json_that_is_none_of_ours(text: str) -> None:
    with pytest.raises(BROKEN):
        parse(text.encode())


def test_a_file_that_unpacks_without_end(tmp_path: Path) -> None:
    """A node of 600 links to one block is small, but its file is too large to read."""
    leaf = bytes(1 << 20)
    child = (bytes([1, RAW, 0x12, 0x20]) + sha256(leaf).digest(), len(leaf), len(leaf))
    root = node_block([child] * 600)
    (tmp_path / "leaf").write_bytes(leaf)
    (tmp_path / "root").write_bytes(root)
    content = Content(str(tmp_path))
    name = cid_text(DAG_PB, sha256(root).digest())
    content.files[sha256(root).digest()] = root
    with pytest.raises(Unreadable, match="more than 512 blocks"):
        content.file(name)


def test_a_node_that_limits_the_range_of_logs(clean: World) -> None:
    def limited(method: str, params: list, answer: dict) -> dict:
        if method != "eth_getLogs":
            return answer
        span = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16)
        return answer if span < 3 else {"error": {"code": -32005, "message": "range too large"}}

    with lying(clean.url, limited) as url:
        assert main(arguments(clean, rpc=url)) == 0
