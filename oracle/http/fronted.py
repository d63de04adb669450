"""What stands between clients and an application: web pages of other origins, and proxies.

It is the outermost layer, so that every answer passes it: also the errors of the limits and those
that no handler foresaw.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from oracle.http.front import PREFIX, Front

FORWARDED_PREFIX = b"x-forwarded-prefix"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pages:
    """What web pages may send to a server, and which headers of its answers they may read."""

    methods: Sequence[str]
    headers: Sequence[str]
    exposed: Sequence[str]


NO_PAGES = Pages((), (), ())


def fronted(app: ASGIApp, front: Front, pages: Pages = NO_PAGES) -> ASGIApp:
    """The application behind what `front` says; `pages` matters only with origins.

    Answers carry no cookies and need no credentials, so none are permitted.
    """
    made: ASGIApp = Prefixed(app, front)
    if front.origins:
        made = CORSMiddleware(
            made, allow_origins=front.origins, allow_methods=pages.methods,
            allow_headers=pages.headers, expose_headers=pages.exposed,
        )  # fmt: skip
    return made


def prefix_of(request: Request) -> str:
    """The path with which links in the answer to a request begin; may be empty."""
    return str(getattr(request.state, "prefix", ""))


class Prefixed:
    """ASGI middleware: takes the prefix off the path of a request, and keeps it for links.

    Behind a proxy of `front.proxies` the prefix is the one of its X-Forwarded-Prefix, and the
    client is the one of its X-Forwarded-For. From others both headers mean nothing.
    """

    def __init__(self, app: ASGIApp, front: Front) -> None:
        trusted = list(front.proxies)
        # Its types are uvicorn's own names of the same callables.
        known: ASGIApp = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type,assignment]
        self._app = known if trusted else app
        self._prefix = front.prefix
        self._proxies = [ip_network(proxy) for proxy in front.proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = self._cut(scope)
        await self._app(scope, receive, send)

    def _cut(self, scope: Scope) -> Scope:
        prefix = self._prefix_of(scope)
        state = {**scope.get("state", {}), "prefix": prefix}
        path, raw = scope["path"], scope.get("raw_path") or scope["path"].encode()
        if prefix and path.startswith(f"{prefix}/") and raw.startswith(f"{prefix}/".encode()):
            path, raw = path[len(prefix) :], raw[len(prefix) :]
        return {**scope, "path": path, "raw_path": raw, "state": state}

    def _prefix_of(self, scope: Scope) -> str:
        told = dict(scope["headers"]).get(FORWARDED_PREFIX)
        if told is None or not self._is_proxy(scope):
            return self._prefix
        found = str(told.decode("latin-1")).strip().rstrip("/")
        if found and not PREFIX.fullmatch(found):
            _log.warning("the proxy's X-Forwarded-Prefix is no path: %r", found[:120])
            return self._prefix
        return found

    def _is_proxy(self, scope: Scope) -> bool:
        try:
            address = ip_address((scope.get("client") or ("",))[0].partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._proxies)
