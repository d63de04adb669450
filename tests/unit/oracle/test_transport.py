"""JSON-RPC over HTTP: secrets of the URL go to the node only, and nothing is retried."""

from __future__ import annotations

import base64
import json

import pytest

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.transport import Transport
from oracle.domain.errors import Busy, InvalidInput, Unavailable
from tests.support.http_script import scripted


@pytest.fixture
def node(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with scripted() as script:
        script.says({"jsonrpc": "2.0", "id": 0, "result": "0x7a69"})
        yield script


def test_a_password_of_the_url_is_a_header_and_not_a_part_of_the_path(node):
    url = node.url.replace("http://", "http://user:secret@") + "/key-in-the-path"
    assert Rpc(url).chain_id() == 31337
    (asked,) = node.asked
    assert asked.path == "/key-in-the-path" and "secret" not in asked.headers["host"]
    sent = base64.b64decode(asked.headers["authorization"].removeprefix("Basic "))
    assert sent == b"user:secret"


def test_a_call_has_its_media_type_and_is_sent_once(node):
    node.body = b"nonsense"
    with pytest.raises(Unavailable):
        Rpc(node.url).chain_id()
    (asked,) = node.asked
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body)["method"] == "eth_chainId"


def test_a_redirect_is_not_followed(node):
    node.status, node.headers = 307, {"Location": node.url + "/elsewhere"}
    with pytest.raises(Unavailable):
        Rpc(node.url).batch([("eth_chainId", [])])
    assert len(node.asked) == 1


def test_a_proxy_gets_its_own_password_only(node, monkeypatch):
    monkeypatch.setenv("http_proxy", node.url.replace("http://", "http://proxy:word@"))
    assert Rpc("http://user:secret@node.example:8545").chain_id() == 31337
    (asked,) = node.asked
    assert asked.path == "http://node.example:8545/"
    word = asked.headers["proxy-authorization"].removeprefix("Basic ")
    assert base64.b64decode(word) == b"proxy:word"


def test_a_proxy_that_is_no_http_proxy_is_refused(monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(InvalidInput, match="proxy: must be an http or https URL"):
        Transport("http://node.example:8545", 1.0)


def test_answers_of_a_batch_are_in_the_order_of_the_calls(node):
    node.says([{"id": 1, "result": "second"}, {"id": 0, "result": "first"}])
    found = Rpc(node.url).batch([("eth_chainId", []), ("eth_blockNumber", [])])
    assert [answer["result"] for answer in found] == ["first", "second"]


@pytest.mark.parametrize("answers", [[], [{"id": 0, "result": "0x1"}], {"id": 0, "error": {}}])
def test_a_part_of_a_batch_is_no_answer(node, answers):
    node.says(answers)
    with pytest.raises(Unavailable):
        Rpc(node.url).batch([("eth_chainId", []), ("eth_blockNumber", [])])


def test_a_password_is_sent_without_the_escapes_of_the_url(node):
    Rpc(node.url.replace("http://", "http://us%40er:se%2Fcret@")).chain_id()
    sent = base64.b64decode(node.asked[0].headers["authorization"].removeprefix("Basic "))
    assert sent == b"us@er:se/cret"


def test_a_token_is_a_header_and_in_no_error(node):
    rpc = Rpc(node.url, token="a-secret")
    assert rpc.chain_id() == 31337
    assert node.asked[0].headers["authorization"] == "Bearer a-secret"
    node.status, node.body = 401, b"no"
    with pytest.raises(Unavailable) as caught:
        rpc.chain_id()
    assert "a-secret" not in f"{caught.value} {rpc!r} {rpc.__dict__}"


@pytest.mark.parametrize("busy", [(429, "0"), (429, None), (502, None), (503, "0"), (504, None)])
def test_a_node_that_is_busy_is_asked_again(node, busy):
    node.busy = [busy, busy]
    assert Rpc(node.url).chain_id() == 31337
    assert len(node.asked) == 3


def test_a_node_that_asks_for_more_than_the_time_of_a_request_is_given_up_at_once(node):
    node.busy = [(429, "30")]
    with pytest.raises(Busy, match=r"asks for a pause of 30 s \(found HTTP 429\)") as caught:
        Rpc(node.url, seconds=5).chain_id()
    assert caught.value.after == 30 and len(node.asked) == 1


def test_a_busy_node_is_no_reason_to_ask_for_fewer_logs(node):
    node.busy = [(429, "30")]
    with pytest.raises(Busy):
        Rpc(node.url, seconds=5).logs("0x" + "11" * 20, [], 1, 8)
    assert len(node.asked) == 1


def test_a_transaction_is_sent_again_with_the_same_bytes(node):
    node.busy = [(429, "0")]
    node.says({"jsonrpc": "2.0", "id": 0, "result": "0x" + "11" * 32})
    Rpc(node.url).send(b"signed")
    first, second = (json.loads(asked.body) for asked in node.asked)
    assert first["params"] == second["params"] == ["0x" + b"signed".hex()]


@pytest.mark.parametrize("url", ["http://exa mple", "http://[", "http://a:abc", "a:8545", "http://"])
def test_what_is_no_url_is_refused_before_it_is_asked(url):
    with pytest.raises(InvalidInput, match=r"^rpc: must be an http or https URL$"):
        Rpc(url)
