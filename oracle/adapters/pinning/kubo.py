"""Pins in an IPFS daemon through ipfshttpclient: Kubo, or another daemon with its HTTP API.

The daemon stores bytes and is not trusted; see the base class. Files over 174 MiB need a daemon
that supports `max-file-links`: Kubo does; js-ipfs returns another root for them and is refused.
"""

from __future__ import annotations

import atexit
import io
import re
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import ipfshttpclient
from ipfshttpclient import exceptions as ipfs
from ipfshttpclient.http_common import multiaddr_to_url_data

from oracle.adapters.pinning.base import VerifyingPinner, folder_of
from oracle.adapters.pinning.bounded import connect, within
from oracle.adapters.pinning.daemon import Daemon
from oracle.domain.access import authorization, without_user
from oracle.domain.cid import CHUNK, WIDTH, decode
from oracle.domain.errors import Busy, InvalidInput, NotFound, Unavailable
from oracle.domain.later import patiently
from oracle.settings import Pinning

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
# Exceptions of ipfshttpclient for an unexpected answer of the daemon.
_FAILURES = (
    ipfs.Error,
    OSError,
    AssertionError,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
)


class KuboPinner:
    """Implements the Pinner port with a daemon's API.

    Args:
        api: a multiaddr (`/ip4/127.0.0.1/tcp/5001`) or a URL (`http://127.0.0.1:5001`), which may
            hold a user and a password.
        seconds: total time of one call of this class.
        patience: seconds for which the daemon searches a block before the result is NotFound.
        token: bearer token; empty for none.

    Raises:
        InvalidInput: `api` is neither a multiaddr nor a URL.
    """

    def __init__(
        self, api: str, seconds: float = SECONDS, patience: int = PATIENCE, token: str = ""
    ) -> None:
        self._access = authorization(api, token)
        self._address = multiaddr_of(without_user(api))
        self._seconds = seconds
        self.patience = patience

    def pin(self, data: bytes) -> str:
        return self._call(lambda daemon: daemon.pin(data))

    def fetch(self, cid: str) -> bytes:
        return self._call(lambda daemon: daemon.fetch(cid))

    def block(self, cid: str) -> bytes:
        return self._call(lambda daemon: daemon.block(cid))

    def pinned(self, cid: str) -> bool:
        return self._call(lambda daemon: daemon.pinned(cid))

    def _call(self, call: Callable[[DaemonSession], T]) -> T:
        """The result of a call, which may be repeated: a daemon that is busy is asked again."""
        end = monotonic() + self._seconds

        def talk() -> T | Busy:
            left = max(0.001, end - monotonic())
            with connect(self._address, left, self._access) as client:
                try:
                    return call(DaemonSession(client, self.patience))
                except Busy as busy:
                    return busy

        def repeated() -> T | Busy:
            return patiently(talk, _pause, "the IPFS daemon", self._seconds)[0]

        found = within(self._seconds, repeated)
        if isinstance(found, Busy):
            raise found
        return found


def _pause(found: object, tries: int) -> float | None:
    return found.after if isinstance(found, Busy) else None


class DaemonSession(VerifyingPinner):
    """One call of the pinner: a few requests to the daemon over one connection."""

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
        except _FAILURES as error:
            raise _unavailable(error) from error

    def _store(self, cid: str, data: bytes) -> str:
        # Pinned later, after the blocks were read back.
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
        except _FAILURES as error:
            raise _unavailable(error) from error

    def _keep(self, cid: str) -> None:
        _asked(lambda: self._client.pin.add(cid))


def open_kubo(settings: Pinning) -> KuboPinner:
    """The daemon at REFRAIN_IPFS_API; without it, starts the `ipfs` on the PATH.

    A started daemon keeps its data in REFRAIN_PIN_FOLDER/ipfs, publishes nothing and ends with this
    process.
    """
    if settings.ipfs_api:
        return KuboPinner(settings.ipfs_api, token=settings.ipfs_token.reveal())
    daemon = Daemon(folder_of(settings) / "ipfs")
    atexit.register(daemon.stop)
    return KuboPinner(daemon.start())


def multiaddr_of(api: str) -> str:
    """The multiaddr of a daemon's API from a multiaddr or an http(s) URL.

    Raises:
        InvalidInput: another scheme, a path, no host, or credentials, which `KuboPinner` takes off.
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
        raise InvalidInput("must be a multiaddr or http://host:port", field="REFRAIN_IPFS_API")
    return _checked(f"/{_kind(url.hostname)}/{url.hostname}/tcp/{port}/{url.scheme}")


def _checked(multiaddr: str) -> str:
    try:
        multiaddr_to_url_data(multiaddr, "api/v0")
    except ipfs.Error as error:
        detail = "must be a multiaddr such as /ip4/127.0.0.1/tcp/5001"
        raise InvalidInput(detail, field="REFRAIN_IPFS_API", value=multiaddr) from error
    return multiaddr


def _kind(host: str) -> str:
    if ":" in host:
        return "ip6"
    return "ip4" if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", host) else "dns"


def _asked(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except _FAILURES as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    reason = f"{type(error).__name__}: {error}"[:300]
    return Unavailable(f"the IPFS daemon failed: {reason}", field="ipfs")
