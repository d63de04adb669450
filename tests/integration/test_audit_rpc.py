"""An RPC or a gateway that fails or lies ends in a clear line and a failure, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts import audit
from tests.audit_proxy import lying, result, serving, when
from tests.audit_world import World, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("rpc")) as found:
        found.settle()
        yield found


@pytest.fixture
def failing(made: World, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(rpc: str, ipfs: str = "", ledger: str = "") -> str:
        words = ["--rpc", rpc, "--ledger", ledger or made.rig.ledger.address,
                 "--ipfs", ipfs or str(made.blocks.root)]
        assert audit.main(words) == 1
        out = capsys.readouterr().out
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
     "is no direct call that settles"),
    ("eth_getTransactionByHash", result({"to": 5}), "transaction: malformed"),
    ("eth_getBlockByNumber", result(None), "the RPC has none"),
    ("eth_getBlockByNumber", result({"number": "0x1"}), "the RPC has none"),
    ("eth_call", result("0x"), "answers nothing; is it that contract?"),
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
    kind = next(kind for kind in audit.LEDGER_EVENTS if kind.name == "Revoked")

    def hide(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        return result([log for log in answer["result"] if log["topics"][0] != kind.topic])

    with lying(made.url, when("eth_getLogs", hide)) as url:
        assert "MISMATCH recording 3 consent: chain says" in failing(url)


def test_no_rpc_at_all(failing: Callable[..., str]) -> None:
    out = failing("http://127.0.0.1:9")
    assert "UNREADABLE history: RPC eth_chainId: no answer (ConnectError" in out
    assert out.endswith("audit: 1 mismatches\n")


@pytest.mark.parametrize("url", ["not a url", "ftp://127.0.0.1", "http://[::1", ""])
def test_an_address_that_is_none(failing: Callable[..., str], url: str) -> None:
    assert "UNREADABLE history: RPC eth_chainId: no answer" in failing(url)


def test_another_contract_than_a_ledger(made: World, failing: Callable[..., str]) -> None:
    assert "UNREADABLE history: token() of 0x" in failing(made.url, ledger=made.rig.token.address)
    assert "UNREADABLE history: malformed" in failing(made.url, ledger="0x12")


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
    assert "ConnectError" in failing(made.url, ipfs="http://127.0.0.1:9")
    assert "is not in /nowhere" in failing(made.url, ipfs="/nowhere")
