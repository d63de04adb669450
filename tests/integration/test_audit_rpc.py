"""An RPC or a gateway that fails or lies gives a clear line and status 1 or 3, no traceback."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.auditor.cli import main
from scripts.auditor.events import LEDGER_EVENTS
from scripts.auditor.patience import Patience, named_pause
from tests.audit.ending import passed, totals
from tests.audit.proxy import lying, result, serving, when
from tests.audit.world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("rpc")) as found:
        found.settle()
        yield found


INCOMPLETE = "; incomplete"


@pytest.fixture
def failing(made: World, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(rpc: str, ipfs: str = "", ledger: str = "", status: int | None = None) -> str:
        words = ["--rpc", rpc, "--ledger", ledger or made.rig.ledger.address,
                 "--ipfs", ipfs or str(made.blocks.root)]
        ended = main(words)
        out = capsys.readouterr().out
        wrong = any(line.startswith("MISMATCH") for line in out.splitlines())
        assert ended == (status if status is not None else 1 if wrong else 3)
        assert out.splitlines()[-1].startswith("audit: ") and "Traceback" not in out
        return out

    return run


LIES: list[tuple[str, Any, str]] = [
    ("eth_chainId", result("0x1"), "order signature: chain says"),
    ("eth_chainId", result("seven"), "UNREADABLE history: malformed"),
    ("eth_chainId", b"<html>busy</html>", "UNREADABLE history: RPC eth_chainId: no answer"),
    ("eth_chainId", b"[" * 100_000, "RPC eth_chainId: no answer (RecursionError"),
    ("eth_blockNumber", {"error": {"code": -32000, "message": "busy"}}, "refused"),
    ("eth_blockNumber", result("0x2"), "UNREADABLE history"),
    ("eth_blockNumber", [1], "not JSON-RPC"),
    ("eth_blockNumber", {"jsonrpc": "2.0"}, "neither result nor error"),
    ("eth_getLogs", {"error": {"code": -32005, "message": "no\x1b[31m logs"}}, "UNREADABLE"),
    ("eth_getLogs", result([]), "recordings: chain says 3, recomputed 0"),
    ("eth_getLogs", result([{"topics": []}]), "UNREADABLE history: malformed"),
    ("eth_getLogs", result(None), "UNREADABLE history: malformed"),
    ("eth_getTransactionByHash", result(None), "UNREADABLE generation"),
    ("eth_getTransactionByHash", result({"input": "0x", "to": None, "blockNumber": "0x0"}),
     "transaction block: chain says 0, recomputed "),
    ("eth_getTransactionByHash", result({"to": 5}), "transaction: malformed"),
    ("eth_getBlockByNumber", result(None), "the RPC does not have it"),
    ("eth_getBlockByNumber", result({"number": "0x1"}), "the RPC does not have it"),
    ("eth_call", result("0x"), "answers nothing; is the address right?"),
    ("eth_call", result("0x1234"), "malformed"),
]


@pytest.mark.parametrize(("method", "told", "expected"), LIES, ids=lambda value: str(value)[:30])
def test_an_rpc_that_lies(
    made: World, failing: Callable[..., str], method: str, told: Any, expected: str
) -> None:
    with lying(made.url, when(method, told)) as url:
        out = failing(url)
    assert expected in out and "\x1b" not in out


def test_a_revocation_that_is_kept_back(made: World, failing: Callable[..., str]) -> None:
    made.rig.send(made.rig.ledger.functions.revoke(3), made.teo)
    kind = next(kind for kind in LEDGER_EVENTS if kind.name == "Revoked")

    def hide(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        return result([log for log in answer["result"] if log["topics"][0] != kind.topic])

    with lying(made.url, when("eth_getLogs", hide)) as url:
        assert "MISMATCH recording 3 consent: chain says" in failing(url)


def test_no_rpc_at_all(failing: Callable[..., str]) -> None:
    out = failing("http://127.0.0.1:9", status=3)
    assert "UNREADABLE history: RPC eth_chainId: no answer (ConnectError" in out
    assert totals(0, 1) in out and out.endswith(f"{INCOMPLETE}\n")


LEDGER, PLACE = ("--ledger", "0x" + "12" * 20), ("--ipfs", ".")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        *(((*LEDGER, *PLACE, "--rpc", url), "argument --rpc: must be an http or https URL")
          for url in ("not a url", "ftp://127.0.0.1", "http://[::1", "", "http://h:x")),
        (("--ledger", "0x12"), "argument --ledger: must be an address of 20 bytes in 0x-hex"),
        (("--ledger", "ü"), "argument --ledger: must be"), (LEDGER, "required: --rpc, --ipfs"),
        (("--generation", "9" * 5000), "argument --generation: must be 0x and 64 hex digits"),
        (("--confirmations", "-5"), "argument --confirmations: must be a whole number"),
        (("--confirmations", "1e9"), "argument --confirmations: must be a whole number"),
        (("--confirmations", "9" * 99), "argument --confirmations: must be a whole number"),
        (("--json", ""), "argument --json: must be a path"),
        ((*LEDGER, *PLACE, "--rpc", "http://h", "--json", "/"), "--json /: is a folder"),
        ((*LEDGER, *PLACE, "--rpc", "http://h", "--text", "/nowhere/x"), "does not exist"),
        (("--references", "\0"), "argument --references: must be a path"),
        (("--unknown",), "required"), (("x" * 5000, *LEDGER, *PLACE, "--rpc", "http://h"), "xxx"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_one_line(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    assert ended.value.code == 2 and told in printed.err and printed.out == ""
    assert len(printed.err.splitlines()) == 1 and len(printed.err) < 450


@pytest.mark.parametrize(
    ("output", "status", "said"),
    [(">&-", 3, ""), ("| head -0", 3, ""), (">/dev/full", 3, "No space left on device\n")],
)
def test_an_output_that_cannot_be_written(
    made: World, tmp_path: Path, output: str, status: int, said: str
) -> None:
    """The status is of the audit all the same, and the files are written."""
    out = tmp_path / "audit.json"
    words = ["--rpc", made.url, "--ledger", made.rig.token.address, "--ipfs", ".",
             "--json", str(out)]
    program = shlex.join([sys.executable, "-m", "scripts.auditor", *words])
    done = subprocess.run(
        ["bash", "-c", f"{program} {output}; exit ${{PIPESTATUS[0]}}"], capture_output=True,
        text=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == status and done.stderr.endswith(said)
    assert len(done.stderr.splitlines()) == bool(said)
    assert json.loads(out.read_text())["unreadable"] == 1


def test_another_contract_than_a_ledger(made: World, failing: Callable[..., str]) -> None:
    assert "UNREADABLE history: token() of 0x" in failing(made.url, ledger=made.rig.token.address)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [(404, b"", "answers 404"), (200, b"other bytes", "manifest block: the CID says bafkrei"),
     (200, bytes(3 << 20), "sends more than 2097152 bytes")],
)
def test_a_gateway_that_lies(
    made: World, failing: Callable[..., str], status: int, body: bytes, expected: str
) -> None:
    with serving(lambda request: (status, body)) as url:
        assert expected in failing(made.url, ipfs=url)


def test_no_gateway_and_no_folder(made: World, failing: Callable[..., str]) -> None:
    assert "ConnectError" in failing(made.url, ipfs="http://127.0.0.1:9", status=3)
    assert "is not in /nowhere" in failing(made.url, ipfs="/nowhere")


@pytest.mark.parametrize(
    ("option", "reason"),
    [("deployment", "[Errno 2] No such file or directory: '{path}'"),
     ("statement", "No such file or directory")],
)  # fmt: skip
def test_a_file_that_does_not_exist(
    made: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, reason: str
) -> None:
    path = tmp_path / f"{made.teo}.csv"
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address,
             "--ipfs", str(made.blocks.root), f"--{option}", str(path)]
    assert main(words) == 3
    out = capsys.readouterr().out
    assert f"cannot be read: {reason.format(path=path)}" in out


class Busy:
    """A service whose first answers ask for a pause; `asked` counts the requests."""

    def __init__(self, answer: Callable[[Any], tuple[int, bytes]], times: int, status: int) -> None:
        self.answer, self.times, self.status, self.asked = answer, times, status, 0

    def __call__(self, request: Any) -> tuple[int, bytes]:
        self.asked += 1
        told = self.answer(request)
        return (self.status, b"busy") if self.asked % (self.times + 1) else told


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the audit, none of which is waited for."""
    slept: list[float] = []
    monkeypatch.setattr(Patience.__init__, "__defaults__", (120.0, 0.5, slept.append))
    return slept


def read(request: Any) -> bytes:
    return bytes(request.rfile.read(int(request.headers["Content-Length"])))


def passing(url: str) -> Callable[[Any], tuple[int, bytes]]:
    client = httpx.Client(timeout=30, trust_env=False)

    def handle(request: Any) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        return 200, client.post(url, content=read(request), headers=headers).content

    return handle


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_rpc_that_is_busy_is_asked_again_and_is_no_finding(
    made: World, failing: Callable[..., str], brief: list[float], status: int
) -> None:
    with serving(Busy(passing(made.url), 1, status)) as url:
        assert passed(failing(url, status=0))
    assert len(brief) > 20


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_rpc_that_stays_busy_is_no_finding_and_no_audit(
    made: World, failing: Callable[..., str], brief: list[float], status: int
) -> None:
    def busy(request: Any) -> tuple[int, bytes]:
        read(request)
        return status, b'{"error": {"code": -32005}}'

    with serving(busy) as url:
        out = failing(url, status=3)
    assert f"UNREADABLE history: RPC eth_chainId: busy (HTTP {status}), asked 5 times" in out
    assert totals(0, 1) in out and out.endswith(f"{INCOMPLETE}\n") and brief == [0.5, 1, 2, 4]


def test_a_gateway_that_stays_busy_is_counted_apart(
    made: World, failing: Callable[..., str], brief: list[float]
) -> None:
    with serving(lambda request: (429, b"")) as url:
        out = failing(made.url, ipfs=url, status=3)
    assert "busy (HTTP 429), asked 5 times" in out and "MISMATCH" not in out
    assert out.endswith("; money agrees\n") and sum(brief) <= 120


def test_a_mismatch_counts_before_what_nobody_answers(
    made: World, failing: Callable[..., str], brief: list[float]
) -> None:
    with lying(made.url, when("eth_chainId", result("0x1"))) as url:
        out = failing(url, ipfs="http://127.0.0.1:9")
    assert out.endswith("; does not agree\n") and "MISMATCH" in out


def test_a_pause_is_named_in_seconds_or_as_a_date() -> None:
    assert named_pause("7") == 7 and named_pause("soon") is None and named_pause(None) is None
    assert 55 < (named_pause(formatdate(time.time() + 60, usegmt=True)) or 0) <= 60


def test_secrets_are_sent_and_not_printed(
    made: World, failing: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def handle(request: Any) -> tuple[int, bytes]:
        seen.append(request.headers["Authorization"])
        return 404, b""

    with serving(handle) as url:
        secret = url.replace("http://", "http://ada:se-cret@")
        out = failing(secret) + failing(made.url, ipfs=secret)
        monkeypatch.setenv("REFRAIN_IPFS_TOKEN", "to-ken")
        out += failing(made.url, ipfs=secret)
    assert set(seen) == {"Basic YWRhOnNlLWNyZXQ=", "Bearer to-ken"}
    assert "se-cret" not in out and "to-ken" not in out
