"""Talking to a daemon that may hang, drip, flood, redirect or pack: bounded all the same.

ipfshttpclient only bounds the silence between two bytes. Here a conversation has a total time and
each answer a largest size, redirects and packed answers are refused, and proxies of the environment
are not asked.
"""

from __future__ import annotations

import io
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import ipfshttpclient
import requests
import urllib3
from ipfshttpclient.requests_wrapper import HTTPAdapter

from oracle.domain.errors import Unavailable

T = TypeVar("T")

ANSWER = 2 << 20
PIECE = 1 << 16
SCHEMES = ("http://", "https://", "http+ip4://", "https+ip4://", "http+ip6://", "https+ip6://")
# ipfshttpclient passes urllib3 an argument of old; nothing a reader of our log can mend.
warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)
CONVERSATIONS = threading.BoundedSemaphore(16)


def within(seconds: float, talk: Callable[[], T]) -> T:
    """What `talk` returns or raises, or Unavailable after `seconds`, whatever it hangs on.

    It runs in a thread of its own, because a name look-up or a dripping header has no timeout. A
    thread given up on ends by itself when its socket does; at most 16 run at once, and one more
    waits for a place.
    """
    deadline = monotonic() + seconds
    if not CONVERSATIONS.acquire(timeout=seconds):
        raise Unavailable("too many calls to the IPFS daemon hang", field="ipfs")
    answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put((talk(), None))
        except BaseException as error:  # handed to the caller, who raises it
            answer.put((None, error))
        finally:
            CONVERSATIONS.release()

    threading.Thread(target=run, daemon=True, name="ipfs").start()
    try:
        value, failure = answer.get(timeout=max(0.0, deadline - monotonic()))
    except queue.Empty:
        raise Unavailable(f"no answer within {seconds:g} s", field="ipfs") from None
    if failure is not None:
        raise failure
    return value  # type: ignore[return-value]


@contextmanager
def connect(address: str, seconds: float) -> Iterator[ipfshttpclient.Client]:
    """A client whose every request ends within `seconds` from now. `address` is a multiaddr.

    ipfshttpclient offers no hook for transport adapters, so its session is reached by its one
    protected accessor; its version is pinned and it is no longer changed.
    """
    client = ipfshttpclient.Client(address, session=True, timeout=seconds)
    _, session = client._client._access_session()
    session.trust_env = False
    for scheme in SCHEMES:
        session.mount(scheme, BoundedAdapter(monotonic() + seconds))
    try:
        yield client
    finally:
        client.close()


class BoundedAdapter(HTTPAdapter):
    """Transport that ends at `deadline` (monotonic seconds) and takes at most 2 MiB an answer."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        request.headers["Accept-Encoding"] = "identity"
        options["timeout"] = self._left()
        response = super().send(request, **options)
        if response.is_redirect or "Content-Encoding" in response.headers:
            response.close()
            raise requests.ConnectionError("the daemon redirects or packs its answer")
        response.raw = io.BytesIO(self._body(response.raw))
        return response

    def _body(self, raw: urllib3.HTTPResponse) -> bytes:
        body = bytearray()
        try:
            while piece := raw.read1(PIECE, decode_content=False):
                body += piece
                self._left()
                if len(body) > ANSWER:
                    raise requests.ConnectionError(f"an answer of more than {ANSWER} bytes")
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
