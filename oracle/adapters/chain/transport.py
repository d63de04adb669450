"""JSON-RPC over HTTP with one deadline for the whole answer.

web3 retries reads by itself, so a silent node blocks a reader for five times its timeout. Here only
a node that asks for a pause is asked again (429, 502, 503, 504), within the one deadline, and slow
bytes do not extend the time. That is harmless for a signed transaction too: its bytes, and so its
hash and nonce, stay the same, and the chain takes it once. urllib3 carries the requests, which
takes a third of the processor time of requests, the library that web3 uses.
"""

from __future__ import annotations

import os
import time
from typing import Any

import urllib3
from urllib3.response import BaseHTTPResponse
from web3.providers.rpc import HTTPProvider

from oracle.domain.access import authorization
from oracle.domain.environment import url as require_url
from oracle.domain.errors import Busy, InvalidInput, Unavailable
from oracle.domain.later import patiently, pause_of
from oracle.domain.proxies import proxy_of

LARGEST = 64 * 1024 * 1024
"""Largest answer in bytes; logs of a full range of blocks stay well below."""

CONNECTIONS = 64
"""Open connections that are kept: one for each thread that asks at the same time."""

_PIECE = 64 * 1024


class TooLarge(Unavailable):
    """The answer is larger than `LARGEST`; a smaller question may have a smaller answer."""


class Transport(HTTPProvider):
    """A web3 provider without retries, except for a node that asks for them.

    Args:
        url: the node's URL; may contain a secret, so it is never in an error.
        token: bearer token; empty for none.
        seconds: time of a request from the first byte sent to the last byte read, with all pauses.

    Raises:
        InvalidInput: the URL is none of http or https.
    """

    def __init__(self, url: str, seconds: float, token: str = "") -> None:
        require_url(url, "rpc", secret=True)
        super().__init__(url, exception_retry_configuration=None)
        # A contract must not redirect us to its own URL (EIP-3668).
        self.global_ccip_read_enabled = False
        parts = urllib3.util.parse_url(url)
        self._url = parts._replace(auth=None, path=parts.path or "/").url
        access = authorization(url, token)
        self._headers = _HEADERS | ({"Authorization": access} if access else {})
        self._seconds = seconds
        self._pool = _pool(url)

    def _make_request(self, method: Any, request_data: bytes) -> bytes:
        return self._post(request_data)

    def make_batch_request(self, batch_requests: Any) -> Any:
        """Answers in the order of the requests; one answer when the node refuses the batch."""
        raw = self._post(self.encode_batch_rpc_request(batch_requests))
        answers: Any = self.decode_rpc_response(raw)
        if not isinstance(answers, list):
            return answers
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def _post(self, data: bytes) -> bytes:
        end = time.monotonic() + self._seconds
        (response, read), wait = patiently(
            lambda: self._once(data, end), lambda found, tries: _pause(found[0], tries),
            "the chain", self._seconds,
        )  # fmt: skip
        if wait is not None:
            detail = f"the chain asks for a pause of {wait:.3g} s"
            raise Busy(detail, after=wait, value=f"HTTP {response.status}")
        return read

    def _once(self, data: bytes, end: float) -> tuple[BaseHTTPResponse, bytes]:
        response = self._pool.urlopen(
            "POST", self._url, body=data, headers=self._headers,
            timeout=max(0.001, end - time.monotonic()),
            retries=False, redirect=False, preload_content=False,
        )  # fmt: skip
        try:
            # Nodes also describe an error in the body of an answer with an error status.
            read = _body(response, end)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return response, read


_HEADERS = {"Content-Type": "application/json", "User-Agent": "refrain", "Accept-Encoding": "gzip"}


def _pool(url: str) -> urllib3.PoolManager:
    proxy = proxy_of(url, os.environ)
    if proxy is None:
        return urllib3.PoolManager(maxsize=CONNECTIONS)
    parts = urllib3.util.parse_url(proxy)
    if parts.scheme not in ("http", "https"):
        raise InvalidInput("must be an http or https URL", field="proxy", value=parts.scheme)
    access = authorization(proxy)
    secret = {"Proxy-Authorization": access} if access else {}
    place = parts._replace(auth=None).url
    return urllib3.ProxyManager(place, proxy_headers=secret, maxsize=CONNECTIONS)


def _pause(response: BaseHTTPResponse, tries: int) -> float | None:
    header = response.headers.get("Retry-After")
    return pause_of(response.status, header, tries, time.time(), bare=True)


def _body(response: BaseHTTPResponse, end: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise TooLarge("the chain's answer is too large", value=size)
        if time.monotonic() > end:
            raise Unavailable("the chain answers too slowly")
    return b"".join(pieces)
