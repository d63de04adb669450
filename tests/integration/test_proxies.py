"""Every client keeps one rule: never a proxy for this machine, the environment's choice elsewhere.

The proxy is a server with prepared answers. A request that came through it has a whole URL as its
path; nobody has to reach the named host.
"""

import json
from contextlib import suppress

import pytest

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.http_client import Service
from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import cid_of
from oracle.domain.errors import RefrainError
from scripts.auditor.content import Content
from scripts.auditor.report import Unreadable
from scripts.auditor.rpc import Rpc as AuditRpc
from scripts.demo.outputs import write_statement
from scripts.stack.processes import answers
from tests.support.http_script import scripted

NOBODY = "http://127.0.0.1:9"
ELSEWHERE = "http://node.example:8545"
CID = cid_of(b"a track")


def ask_service(url, folder):
    Service(url, "the service", seconds=5.0).json("GET", "/v1/health")


def ask_chain(url, folder):
    Rpc(url, 5.0).chain_id()


def ask_ipfs(url, folder):
    KuboPinner(url, seconds=5.0).pinned(CID)


def audit_chain(url, folder):
    AuditRpc(url, 5.0)("eth_chainId")


def audit_content(url, folder):
    Content(url).block(CID)


def watch(url, folder):
    answers(url)


def fetch_statement(url, folder):
    (folder / "statements").mkdir()
    write_statement(url, "0x0", folder)


CLIENTS = [
    ask_service, ask_chain, ask_ipfs, audit_chain, audit_content, watch, fetch_statement,
]  # fmt: skip


@pytest.fixture
def server():
    with scripted() as script:
        script.body = json.dumps({"jsonrpc": "2.0", "id": 0, "result": "0x1", "Keys": {}}).encode()
        yield script


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask(client, url, folder):
    """Makes a request; what the client thinks of the answer does not matter."""
    with suppress(RefrainError, Unreadable):
        client(url, folder)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_without_a_proxy(client, host, server, tmp_path, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, NOBODY)
    ask(client, server.url.replace("127.0.0.1", host), tmp_path)
    assert server.asked and server.asked[0].path.startswith("/")


@pytest.mark.parametrize("client", CLIENTS)
def test_another_host_is_asked_through_the_proxy(client, server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    ask(client, ELSEWHERE, tmp_path)
    assert server.asked and server.asked[0].path.startswith(ELSEWHERE)


@pytest.mark.parametrize("client", CLIENTS)
def test_an_excepted_host_is_asked_without_a_proxy(client, server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with suppress(Exception):  # the host does not exist
        client("http://node.invalid:8545", tmp_path)
    assert server.asked == []
