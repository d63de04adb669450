"""Nodes and oracles that never end what they began, to keep the threads of those that ask them."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from oracle.adapters.http_client import Service
from oracle.domain.errors import Unavailable

SECONDS = 0.5
SENT = 50_000_000


def head(client):
    client.recv(65_536)
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Name: ")
    return b"a"


def hints(client):
    client.recv(65_536)
    return b"HTTP/1.1 103 Early Hints\r\n\r\n"


def body(client):
    client.recv(65_536)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    return b"a"


def reader(client):
    """It takes what is sent a little at a time, and answers nothing."""
    client.recv(65_536)
    return b""


@contextmanager
def served(begin):
    """A server that goes on for ever after `begin`, a few bytes at a time."""
    stop = threading.Event()

    def run(listening):
        client, _ = listening.accept()
        with client:
            piece = begin(client)
            while not stop.wait(0.02):
                try:
                    client.sendall(piece) if piece else client.recv(65_536)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=run, args=(listening,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize("begin", [head, hints, body, reader])
def test_an_exchange_that_never_ends_holds_no_thread(begin):
    with served(begin) as url:
        asked = Service(url, "the node", seconds=SECONDS)
        ended = threading.Event()

        def ask():
            with pytest.raises(Unavailable):
                asked.content("POST", "/v1/jobs", b"0" * (SENT if begin is reader else 1))
            ended.set()

        started = time.monotonic()
        threading.Thread(target=ask, daemon=True).start()
        assert ended.wait(10 * SECONDS), "the exchange goes on"
        assert time.monotonic() - started < 10 * SECONDS
