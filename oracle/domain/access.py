"""What a client shows to a server that asks who it is: a user and a password, or a bearer token.

Both are secrets: they are never a part of an error, of a log or of what is printed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import unquote, urlsplit

_USER = re.compile(r"(?<=//)[^/?#]*@")
_OUTSIDE = re.compile(r"[^\x21-\x7e]")


def authorization(url: str, token: str = "") -> str:
    """The header `Authorization` for a URL; empty where none is needed.

    Args:
        url: may hold ``user:password@``, with any escapes.
        token: a bearer token, which counts before the URL's user; characters that no header can
            have are left out.
    """
    if token:
        return f"Bearer {_OUTSIDE.sub('', token)}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.username is None and parts.password is None:
        return ""
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def without_user(url: str) -> str:
    """The URL without its user and password."""
    return _USER.sub("", url, count=1)
