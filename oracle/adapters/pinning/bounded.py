"""Bounds in time and size on calls of an IPFS daemon.

ipfshttpclient only bounds the time between two bytes. Here each call has a total time and each
answer a largest size; redirects and compressed answers are refused.
"""

from __future__ import annotations

import io
import os
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, time
from typing import Any, TypeVar

import ipfshttpclient
import requests
import urllib3
from ipfshttpclient.requests_wrapper import HTTPAdapter

from oracle.domain.errors import Busy, Unavailable
from oracle.domain.later import pause_of
from oracle.domain.proxies import proxy_of

T = TypeVar("T")

ANSWER = 2 << 20
"""Largest answer in bytes."""

PIECE = 1 << 16
SCHEMES = ("http://", "https://", "http+ip4://", "https+ip4://", "http+ip6://", "https+ip6://")
# ipfshttpclient passes an outdated argument to urllib3; an operator cannot fix this warning.
warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)
CALLS = threading.BoundedSemaphore(16)


def within(seconds: float, talk: Callable[[], T]) -> T:
    """The result or error of `talk`, or Unavailable after `seconds`.

    `talk` runs in its own thread, because a name look-up or a slow header has no timeout. After the
    timeout the thread ends when its socket does. At most 16 threads run; another call waits.
    """
    deadline = monotonic() + seconds
    if not CALLS.acquire(timeout=seconds):
        raise Unavailable("too many calls of the IPFS daemon are unanswered", field="ipfs")
    answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put((talk(), None))
        except BaseException as error:  # the caller raises it
            answer.put((None, error))
        finally:
            CALLS.release()

    threading.Thread(target=run, daemon=True, name="ipfs").start()
    try:
        value, failure = answer.get(timeout=max(0.0, deadline - monotonic()))
    except queue.Empty:
        raise Unavailable(f"no answer within {seconds:g} s", field="ipfs") from None
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]


@contextmanager
def connect(
    address: str, seconds: float, access: str = ""
) -> Iterator[ipfshttpclient.Client]:
    """A client whose requests all end within `seconds` from now.

    Args:
        address: a multiaddr.
        access: the header `Authorization`; empty for none.

    ipfshttpclient has no hook for transport adapters, so this uses its one protected accessor of
    the session. Its version is pinned, and the project no longer changes.
    """
    client = ipfshttpclient.Client(address, session=True, timeout=seconds)
    _, session = client._client._access_session()
    session.trust_env = False
    if access:
        session.headers["Authorization"] = access
    proxy = proxy_of(_url(address), os.environ)
    session.proxies = {"http": proxy, "https": proxy} if proxy else {}
    for scheme in SCHEMES:
        session.mount(scheme, BoundedAdapter(monotonic() + seconds))
    try:
        yield client
    finally:
        client.close()


def _url(address: str) -> str:
    """The URL of the host in a multiaddr such as ``/dns/ipfs.example/tcp/443/https``."""
    _, kind, host, *rest = address.split("/")
    scheme = "https" if "https" in rest else "http"
    return f"{scheme}://[{host}]" if kind == "ip6" else f"{scheme}://{host}"


class BoundedAdapter(HTTPAdapter):
    """A transport that ends at `deadline` (monotonic seconds), with answers of at most 2 MiB."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        request.headers["Accept-Encoding"] = "identity"
        options["timeout"] = self._left()
        response = super().send(request, **options)
        wait = pause_of(response.status_code, response.headers.get("Retry-After"), 0, time(), True)
        if wait is not None:
            response.close()
            detail = f"the IPFS daemon asks for a pause (HTTP {response.status_code})"
            raise Busy(detail, after=wait, field="ipfs")
        if response.is_redirect or "Content-Encoding" in response.headers:
            response.close()
            raise requests.ConnectionError("the daemon redirects or compresses its answer")
        response.raw = io.BytesIO(self._body(response.raw))
        return response

    def _body(self, raw: urllib3.HTTPResponse) -> bytes:
        body = bytearray()
        try:
            while piece := raw.read1(PIECE, decode_content=False):
                body += piece
                self._left()
                if len(body) > ANSWER:
                    raise requests.ConnectionError(f"the answer has more than {ANSWER} bytes")
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(f"the answer broke off: {error}") from error
        finally:
            raw.close()
        return bytes(body)

    def _left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise requests.Timeout("the daemon takes too long")
        return left
