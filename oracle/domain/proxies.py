"""The proxy that a client uses for a URL: none for this machine, else the environment's choice."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from oracle.domain.environment import Environment


def proxy_of(url: str, environment: Environment) -> str | None:
    """The URL of the proxy; None for a direct connection.

    Args:
        url: an http or https URL.
        environment: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY name proxies. NO_PROXY lists what needs
            none: ends of host names, addresses, networks such as 10.0.0.0/8, or `*`. A name in
            lower case counts before the same in upper case.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address; the request will fail by itself
        return None
    host = parts.hostname or ""
    chosen = _set(environment, f"{parts.scheme}_proxy") or _set(environment, "all_proxy")
    if not chosen or is_loopback(host):
        return None
    place = parts.netloc.rpartition("@")[2].lower()
    excepted = (item.strip().lower() for item in _set(environment, "no_proxy").split(","))
    if any(_covers(item, host, place) for item in excepted if item):
        return None
    return chosen if "://" in chosen else f"http://{chosen}"


def is_loopback(host: str) -> bool:
    """Whether a host name or an IP address means this machine: localhost, 127.0.0.0/8, ::1."""
    address = _address(host)
    if address is not None:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _covers(item: str, host: str, place: str) -> bool:
    """Whether an item of NO_PROXY covers a host; `place` is the host as written, with its port."""
    if "/" in item:
        return _in_network(host, item)
    name = item.lstrip(".")
    return item == "*" or name in (host, place) or host.endswith(f".{name}")


def _in_network(host: str, network: str) -> bool:
    address = _address(host)
    try:
        return address is not None and address in ip_network(network, strict=False)
    except ValueError:
        return False


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _set(environment: Environment, name: str) -> str:
    return environment.get(name, "").strip() or environment.get(name.upper(), "").strip()
