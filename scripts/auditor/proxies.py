"""The proxy for a URL: none for this machine, else the environment's choice."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

import httpx


def transport_to(url: str) -> httpx.HTTPTransport:
    """How to reach the host of a URL; httpx by itself would use a proxy for this machine too."""
    return httpx.HTTPTransport(proxy=proxy_of(url))


def proxy_of(url: str) -> str | None:
    """The URL of the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address; the request will fail by itself
        return None
    host, found = parts.hostname or "", getproxies_environment()
    chosen = found.get(parts.scheme) or found.get("all")
    excepted = [item.strip().lstrip(".").lower() for item in found.get("no", "").split(",")]
    covered = any(name and f".{host}".endswith(f".{name}") for name in excepted)
    if not chosen or _is_loopback(host) or "*" in excepted or covered:
        return None
    return chosen if "://" in chosen else f"http://{chosen}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
