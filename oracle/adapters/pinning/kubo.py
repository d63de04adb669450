"""Pins in an IPFS daemon, through ipfshttpclient: Kubo, or whatever else speaks its HTTP API.

The daemon is a place to put bytes, not a source of truth: see the base class. Files over
174 MiB need a daemon that knows `max-file-links` (Kubo does; js-ipfs names another root there and
is refused).
"""

from __future__ import annotations

import atexit
import io
import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import ipfshttpclient
from ipfshttpclient import exceptions as ipfs
from ipfshttpclient.http_common import multiaddr_to_url_data

from oracle.adapters.pinning.base import PinningSettings, VerifyingPinner, folder_of
from oracle.adapters.pinning.bounded import connect, within
from oracle.adapters.pinning.daemon import Daemon
from oracle.domain.cid import CHUNK, WIDTH, decode
from oracle.domain.errors import InvalidInput, NotFound, Unavailable

T = TypeVar("T")

SECONDS = 60.0
PATIENCE = 10
ADD = {
    "cid-version": 1,
    "cid-base": "base32",
    "chunker": f"size-{CHUNK}",
    "max-file-links": WIDTH,
}
_ABSENT = re.compile("not found|could not find|timed out|deadline exceeded", re.IGNORECASE)
# What ipfshttpclient lets through when a daemon answers something else than it asked for.
_NONSENSE = (
    ipfs.Error,
    OSError,
    AssertionError,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
)


class KuboPinner:
    """The Pinner port over a daemon's API.

    Args:
        api: where it listens: a multiaddr (`/ip4/127.0.0.1/tcp/5001`) or `http://127.0.0.1:5001`.
        seconds: how long one call of ours may take altogether, whatever the daemon does.
        patience: seconds the daemon may look for a block before we call it not found.

    Raises:
        InvalidInput: the address is neither.
    """

    def __init__(self, api: str, seconds: float = SECONDS, patience: int = PATIENCE) -> None:
        self._address = multiaddr_of(api)
        self._seconds = seconds
        self.patience = patience

    def pin(self, data: bytes) -> str:
        return self._talk(lambda daemon: daemon.pin(data))

    def fetch(self, cid: str) -> bytes:
        return self._talk(lambda daemon: daemon.fetch(cid))

    def block(self, cid: str) -> bytes:
        return self._talk(lambda daemon: daemon.block(cid))

    def pinned(self, cid: str) -> bool:
        return self._talk(lambda daemon: daemon.pinned(cid))

    def _talk(self, call: Callable[[Conversation], T]) -> T:
        def talk() -> T:
            with connect(self._address, self._seconds) as client:
                return call(Conversation(client, self.patience))

        return within(self._seconds, talk)


class Conversation(VerifyingPinner):
    """One call of ours: a few requests to the daemon over one connection."""

    def __init__(self, client: ipfshttpclient.Client, patience: int) -> None:
        self._client = client
        self._patience = patience

    def pinned(self, cid: str) -> bool:
        decode(cid)
        try:
            return bool(self._client.pin.ls(cid, type="recursive")["Keys"])
        except ipfs.ErrorResponse as error:
            if "not pinned" in str(error):
                return False
            raise _unavailable(error) from error
        except _NONSENSE as error:
            raise _unavailable(error) from error

    def _store(self, cid: str, data: bytes) -> str:
        # Not pinned yet: only what has been read back is.
        return str(
            _asked(
                lambda: self._client.add(
                    io.BytesIO(data), pin=False, raw_leaves=True, opts=dict(ADD)
                )["Hash"]
            )
        )

    def _block(self, cid: str) -> bytes:
        try:
            return self._client.block.get(cid, opts={"timeout": f"{self._patience}s"})
        except ipfs.ErrorResponse as error:
            if _ABSENT.search(str(error)):
                detail = f"the daemon found no such block in {self._patience} s"
                raise NotFound(detail, field="cid", value=cid) from error
            raise _unavailable(error) from error
        except _NONSENSE as error:
            raise _unavailable(error) from error

    def _keep(self, cid: str) -> None:
        _asked(lambda: self._client.pin.add(cid))


def open_kubo(settings: PinningSettings) -> KuboPinner:
    """The daemon at REFRAIN_IPFS_API; without it, one of our own by the `ipfs` on the PATH.

    Our own lives in REFRAIN_PIN_FOLDER/ipfs, ends with this process and publishes to nobody.
    """
    if settings.ipfs_api:
        return KuboPinner(settings.ipfs_api)
    daemon = Daemon(folder_of(settings) / "ipfs")
    atexit.register(daemon.stop)
    return KuboPinner(daemon.start())


def multiaddr_of(api: str) -> str:
    """The multiaddr of a daemon's API, given as one or as an http(s) URL.

    Raises:
        InvalidInput: another scheme, a path, no host, or credentials (they would be logged).
    """
    if api.startswith("/"):
        return _checked(api)
    try:
        url = urlsplit(api)
        port = url.port or {"http": 80, "https": 443}[url.scheme]
    except (ValueError, KeyError):
        url, port = urlsplit(""), 0
    plain = url.path.rstrip("/") in ("", "/api/v0") and not (url.query or url.fragment)
    if not url.hostname or not plain or "@" in url.netloc:
        raise InvalidInput("give a multiaddr or http://host:port", field="REFRAIN_IPFS_API")
    return _checked(f"/{_kind(url.hostname)}/{url.hostname}/tcp/{port}/{url.scheme}")


def _checked(multiaddr: str) -> str:
    try:
        multiaddr_to_url_data(multiaddr, "api/v0")
    except ipfs.Error as error:
        detail = "give a multiaddr such as /ip4/127.0.0.1/tcp/5001"
        raise InvalidInput(detail, field="REFRAIN_IPFS_API", value=multiaddr) from error
    return multiaddr


def _kind(host: str) -> str:
    if ":" in host:
        return "ip6"
    return "ip4" if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", host) else "dns"


def _asked(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except _NONSENSE as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    reason = f"{type(error).__name__}: {error}"[:300]
    return Unavailable(f"the IPFS daemon did not do it: {reason}", field="ipfs")
