"""Ethereum JSON-RPC over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from .json_text import read_json
from .patience import Patience, access
from .proxies import transport_to
from .report import Unanswered, Unreadable, show


class Refused(Unreadable):
    """The RPC answers with an error."""


class Rpc:
    """Ethereum JSON-RPC over HTTP; raises Unreadable unless the answer is a result.

    A node that is busy is asked again; one that does not answer at all raises Unanswered.
    """

    def __init__(self, url: str, timeout: float = 60.0, patience: Patience | None = None) -> None:
        self.url, headers = access(url, "REFRAIN_RPC_TOKEN")
        self.patience = patience or Patience()
        self.http = httpx.Client(timeout=timeout, headers=headers, transport=transport_to(url))

    def __call__(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._answer(method, body)
        try:
            found = read_json(answer.content)
        except (ValueError, RecursionError) as error:
            kind = Unanswered if answer.status_code >= 500 else Unreadable
            raise kind(f"RPC {method}: no answer ({type(error).__name__}: {error})") from None
        if not isinstance(found, dict):
            raise Unreadable(f"RPC {method}: the answer is not JSON-RPC")
        if found.get("error") is not None:
            raise Refused(f"RPC {method}: refused ({show(found['error'])})")
        if "result" not in found:
            raise Unreadable(f"RPC {method}: neither result nor error (HTTP {answer.status_code})")
        return found["result"]

    def _answer(self, method: str, body: dict[str, Any]) -> httpx.Response:
        def send() -> tuple[httpx.Response, None]:
            return self.http.post(self.url, json=body), None

        try:
            return self.patience.asked(f"RPC {method}", send)[0]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            kind = type(error).__name__
            raise Unanswered(f"RPC {method}: no answer ({kind}: {error})") from None
