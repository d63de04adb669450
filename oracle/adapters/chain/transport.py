"""JSON-RPC over HTTP with one deadline for the whole answer.

web3 retries reads by itself: a node that took the connection and said nothing blocked a reader for
five times its timeout. Here nothing is retried, and a slow drip of bytes does not extend the time.
"""

from __future__ import annotations

import time
from typing import Any

import requests
from eth_typing import URI
from web3.providers.rpc import HTTPProvider

from oracle.domain.errors import Unavailable

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer; a block range full of logs stays well below."""

_PIECE = 64 * 1024


class Transport(HTTPProvider):
    """A web3 provider without retries.

    Args:
        url: of the node; may carry a secret, so it never goes into an error.
        seconds: from the first byte sent to the last byte read, a request.
    """

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(url, exception_retry_configuration=None)
        # A contract must not be able to send us to a URL of its own (EIP-3668).
        self.global_ccip_read_enabled = False
        self._url = URI(url)
        self._seconds = seconds

    def _make_request(self, method: Any, request_data: bytes) -> bytes:
        return self._post(request_data)

    def make_batch_request(self, batch_requests: Any) -> Any:
        """Answers in the order of the requests, or one answer when the node refuses them all."""
        raw = self._post(self.encode_batch_rpc_request(batch_requests))
        answers: Any = self.decode_rpc_response(raw)
        if not isinstance(answers, list):
            return answers
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def _post(self, data: bytes) -> bytes:
        end = time.monotonic() + self._seconds
        session = self._request_session_manager.cache_and_return_session(self._url)
        with session.post(
            self._url, data=data, headers=self.get_request_headers(),
            timeout=self._seconds, stream=True, allow_redirects=False,
        ) as response:  # fmt: skip
            # Nodes say what was wrong with a call in the body of an error status as well.
            return _body(response, end)


def _body(response: requests.Response, end: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise Unavailable("the chain's answer is too large", value=size)
        if time.monotonic() > end:
            raise Unavailable("the chain answers too slowly")
    return b"".join(pieces)
