"""Checks of single environment variables: each names the variable, or returns its value.

Spaces around a value are ignored. A variable that is empty counts as not set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from oracle.domain.access import without_user
from oracle.domain.errors import InvalidInput

Environment = Mapping[str, str]


def optional(environment: Environment, name: str, default: str = "") -> str:
    """The value of a variable, or `default` when it is not set."""
    return environment.get(name, "").strip() or default


def needed(environment: Environment, name: str) -> str:
    """The value of a variable. Raises InvalidInput when it is not set."""
    found = optional(environment, name)
    if not found:
        raise InvalidInput("must be set", field=name)
    return found


def listed(environment: Environment, name: str) -> list[tuple[str, str]]:
    """The items of a list with commas, each with the name it has in errors: ``NAME[2]``."""
    items = [item.strip() for item in environment.get(name, "").split(",") if item.strip()]
    return [(item, f"{name}[{index}]") for index, item in enumerate(items)]


def integer(environment: Environment, name: str, default: int, low: int, high: int) -> int:
    """A whole number in [low, high] in ASCII digits; `default` when the variable is not set."""
    text = optional(environment, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
        raise InvalidInput(f"must be a whole number from {low} to {high}", field=name, value=text)
    return int(text)


def path_of(text: str, name: str) -> Path:
    """A path in which `~` stands for the home of its user.

    Args:
        name: the variable or option that the text is from, for the error.
    """
    try:
        if "\0" not in text:
            return Path(text).expanduser()
    except RuntimeError:  # a user without a home
        raise InvalidInput("names a home that is not known", field=name, value=text) from None
    raise InvalidInput("must be a path", field=name, value=ascii(text))


def port(environment: Environment, name: str, default: int) -> int:
    """A TCP port, 1 to 65,535."""
    return integer(environment, name, default, 1, 65_535)


def url(text: str, name: str, secret: bool = False) -> str:
    """An http or https URL without a slash at its end.

    Args:
        name: the variable that the text is from, for the error.
        secret: the URL may hold a key, so the error does not repeat it.
    """
    if not _is_web_url(text):
        value = None if secret else without_user(text)
        raise InvalidInput("must be an http or https URL", field=name, value=value)
    return text.rstrip("/")


def public_url(environment: Environment, name: str, host: str, number: int) -> str:
    """The URL under which others know this server; host and port when the variable is not set."""
    place = f"[{host}]" if ":" in host else host
    return url(optional(environment, name, f"http://{place}:{number}"), name)


_GAP = re.compile(r"[\s\x00-\x1f\x7f]")


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # brackets that hold no IPv6 address, or no port
        return False
    if parts.scheme not in ("http", "https") or port == 0 or _GAP.search(text):
        return False
    return ":" in host or all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
