"""How clients reach a server: which web pages may call it, and the path and the proxies in front.

A proxy may publish a server below a path, such as ``https://example.org/refrain``. The server then
takes requests with and without that path, and begins the links of its answers with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from oracle.domain.environment import Environment, listed, optional
from oracle.domain.errors import InvalidInput

EVERYBODY = ("*",)
"""Origins of a server whose answers are public, such as the gateway."""

PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){1,8}", re.ASCII)
_HOST = re.compile(r"\[[0-9a-f:.]+\]|(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?", re.ASCII)


@dataclass(frozen=True)
class Front:
    """How clients reach a server.

    Args:
        origins: of web pages that may call it, such as ``https://app.example``; `*` is every page.
        prefix: the path below which a proxy publishes it, such as ``/refrain``; may be empty.
        proxies: addresses and networks of proxies whose X-Forwarded headers are believed.
    """

    origins: tuple[str, ...] = ()
    prefix: str = ""
    proxies: tuple[str, ...] = ()


def read_front(environment: Environment, url: str = "") -> Front:
    """How clients reach a server, as its operator says.

    Args:
        url: the server's public URL; its path is the prefix unless the environment names another.

    Raises:
        InvalidInput: a variable is malformed; names it and the wrong part.
    """
    origins = [_origin(*item) for item in listed(environment, "REFRAIN_CORS_ORIGINS")]
    proxies = [_network(*item) for item in listed(environment, "REFRAIN_PROXIES")]
    return Front(tuple(origins), _prefix(environment, url), tuple(proxies))


def _origin(text: str, name: str) -> str:
    """An origin as browsers write it: scheme and host in lower case, no default port, no path."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    made = f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
    whole = f"{parts.scheme}://{parts.netloc}".lower() == text.lower().rstrip("/")
    if text == "*":
        return text
    if usual is None or not host or "@" in text or not whole:
        raise InvalidInput("must be an origin such as https://app.example, or *", field=name,
                           value=text)  # fmt: skip
    if not _HOST.fullmatch(host):
        detail = "must name one host as browsers do, such as https://xn--bcher-kva.example"
        raise InvalidInput(detail, field=name, value=text)
    return made


def _network(text: str, name: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        detail = "must be an address or a network such as 10.0.0.0/8"
        raise InvalidInput(detail, field=name, value=text) from None


def _prefix(environment: Environment, url: str) -> str:
    found = optional(environment, "REFRAIN_ROOT_PATH").rstrip("/")
    if found and not PREFIX.fullmatch(found):
        detail = "must be a path such as /refrain, of letters, digits and . _ ~ -"
        raise InvalidInput(detail, field="REFRAIN_ROOT_PATH", value=found)
    path = urlsplit(url).path.rstrip("/")
    return found or (path if PREFIX.fullmatch(path) else "")
