"""`refrain audit`: what the profile fills in, what the help says, and a chain that is not there."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from oracle.cli.main import main


class Page(BaseHTTPRequestHandler):
    """A web server that is none of ours: it answers everything with a page."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    do_GET = do_PUT = do_POST

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def page():
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("REFRAIN_CONFIG", str(tmp_path / "config.toml"))


AUDIT = ["audit", "--ledger", "0x" + "11" * 20, "--ipfs", "http://127.0.0.1:9"]


def test_a_chain_that_does_not_answer_is_3(capsys):
    assert main([*AUDIT, "--rpc", "http://ada:secret@127.0.0.1:9/key"]) == 3
    told = capsys.readouterr()
    assert "rpc: no chain answers at http://127.0.0.1:9" in told.err and told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "secret" not in told.err and "key" not in told.err


def test_a_page_instead_of_a_chain_names_the_host(page, capsys):
    assert main([*AUDIT, "--rpc", f"http://ada:secret@{page}"]) == 3
    told = capsys.readouterr().err
    assert f"rpc: no chain answers at http://{page}" in told and "secret" not in told


def test_a_page_instead_of_a_service_names_the_host(page):
    from oracle.adapters.http_client import Service
    from oracle.domain.errors import InvalidInput

    with pytest.raises(InvalidInput) as caught:
        Service(f"http://ada:secret@{page}", "the oracle").json("GET", "/v1/x")
    assert str(caught.value).startswith(f"http://{page}: the answer of the oracle is not JSON")


def test_the_help_asks_for_nothing_that_the_profile_has(capsys):
    assert main(["audit", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "[--rpc RPC]" in shown and "[--ipfs IPFS]" in shown
    assert "are the profile's where you do not name them" in shown and "--profile" in shown


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        ([], ["--rpc", "R", "--ipfs", "I", "--deployment", "D"]),
        (["--ledger", "0x1"], ["--ledger", "0x1", "--rpc", "R", "--ipfs", "I"]),
        (["--rpc=X"], ["--rpc=X", "--ipfs", "I", "--deployment", "D"]),
    ],
)
def test_the_audit_takes_the_rest_from_the_profile(tmp_path, monkeypatch, words, filled):
    from oracle.cli.audit import completed

    path = tmp_path / "config.toml"
    path.write_text('default = "a"\n[profiles.a]\nrpc = "R"\ndeployment = "D"\nipfs = "I"\n'
                    '[profiles.b]\nrpc = "Q"\n')  # fmt: skip
    monkeypatch.setenv("REFRAIN_CONFIG", str(path))
    assert completed(words) == filled
    if not words:
        assert completed(["--profile", "b"]) == ["--rpc", "Q"]
        assert completed(["--profile=b"]) == ["--rpc", "Q"]
