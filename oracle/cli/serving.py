"""What `oracle serve`, `oracle check` and `gateway` share."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.http.fronted import Pages
    from oracle.settings import Listening


def require_packages() -> None:
    """Refuses to begin without the packages of the extra, before settings are asked for.

    Raises:
        ModuleNotFoundError: names the package; nothing is imported to find out.
    """
    for package in ("fastapi", "httptools", "ipfshttpclient", "sqlalchemy", "uvicorn"):
        if find_spec(package) is None:
            raise ModuleNotFoundError(f"no package {package}", name=package)


def run(app: Any, listening: Listening, pages: Pages) -> None:
    """Serves until SIGTERM or SIGINT; `pages`: what web pages of other origins may do."""
    from oracle.http.fronted import fronted
    from oracle.http.server import serve

    made = fronted(app, listening.front, pages)
    serve(made, listening.host, listening.port, listening.limits)
