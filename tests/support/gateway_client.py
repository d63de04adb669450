"""The gateway on a real socket, faulty stores and clients, and a parser of CAR files."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import uvicorn

from oracle.adapters.pinning.folder import FolderPinner
from oracle.api.gateway import BlockStore, gateway
from oracle.domain.cid import decode


@contextmanager
def served(store: BlockStore) -> Iterator[httpx.Client]:
    config = uvicorn.Config(gateway(store), port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def raw_get(client: httpx.Client, target: bytes) -> bytes:
    """The answer to a raw request line that HTTP clients refuse to send."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire:
        wire.settimeout(10)
        wire.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: wire.recv(65536), b""))


def number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def read_car(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Parses a CARv1 file and checks the hashes: (header, [(binary CID, block)])."""
    sections, at = [], 0
    while at < len(data):
        size, at = number(data, at)
        sections.append(data[at : at + size])
        assert len(sections[-1]) == size
        at += size
    blocks = [(section[:36], section[36:]) for section in sections[1:]]
    assert all(cid[4:] == sha256(block).digest() for cid, block in blocks)
    return sections[0], blocks


class Counting:
    """A store that records the requested blocks."""

    def __init__(self, root: Path) -> None:
        self._inner = FolderPinner(root)
        self.asked: list[str] = []

    def block(self, cid: str) -> bytes:
        self.asked.append(cid)
        return self._inner.block(cid)


def damage(root: Path, cid: str) -> None:
    name = decode(cid)[1].hex()
    path = root / "blocks" / name[:2] / name
    path.write_bytes(b"x" + path.read_bytes()[1:])
