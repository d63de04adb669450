"""IPv6: servers listen on ::1, and every client asks there, by URL and by multiaddr."""

import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.http_client import Service
from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import cid_of
from oracle.http.connections import Limits
from oracle.http.server import Server
from scripts.auditor.content import Content
from scripts.auditor.rpc import Rpc as AuditRpc
from tests.support.http_script import scripted

CID = cid_of(b"a track")


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with scripted("::1") as script:
        script.says({"jsonrpc": "2.0", "id": 1, "result": "0x7a69", "Keys": {}})
        yield script


def test_the_clients_of_the_chain_and_of_services(server):
    assert Rpc(server.url).chain_id() == 31337
    assert AuditRpc(server.url)("eth_chainId") == "0x7a69"
    assert Service(server.url, "it").json("GET", "/v1/health")["result"] == "0x7a69"
    secret = server.url.replace("http://", "http://ada:word@")
    assert Rpc(secret).chain_id() == 31337 and AuditRpc(secret)("eth_chainId") == "0x7a69"
    assert server.asked[-1].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("form", ["/ip6/::1/tcp/{port}", "http://[::1]:{port}"])
def test_an_ipfs_api(server, form):
    api = form.format(port=urlsplit(server.url).port)
    assert not KuboPinner(api).pinned(CID) and len(server.asked) == 1


def test_a_gateway_for_the_audit(server):
    server.body = b"a track"
    assert Content(server.url).block(CID) == b"a track"


def test_a_server():
    app = PlainTextResponse("here")
    made = Server(app, "::1", 0, Limits(connections=16, each=1))
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert httpx.get(f"http://[::1]:{port}/", trust_env=False).text == "here"
        finally:
            made.should_exit = True
            thread.join()
