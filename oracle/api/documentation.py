"""The API's own documentation: the OpenAPI document, and a page that lists its operations.

The page needs no script, style sheet or picture from elsewhere, so it works without internet. Both
are built once. They hold no setting of this oracle, except for the path below which it is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from oracle.api.responses import Problem
from oracle.domain import call
from oracle.http.fronted import prefix_of

TITLE, VERSION = "Refrain oracle", "1"
ABOUT = "Takes signed orders for generated music, gets the track made, and settles its royalties."

HEADERS_OF_A_CALL = (call.SIGNER, call.TIME, call.NONCE, call.BODY, call.SIGNATURE)
"""The headers with which an oracle signs a call; all of them are needed."""

PEER_SECURITY: dict[str, Any] = {"security": [{name: [] for name in HEADERS_OF_A_CALL}]}
"""What the document says of a route that only the other oracles of the set may call."""

TAGS = [
    {"name": "status", "description": "Whether this oracle runs and can take orders."},
    {"name": "recordings", "description": "Registered recordings and their consent."},
    {"name": "orders", "description": "Quotes, orders, generations and upgrades."},
    {"name": "payees", "description": "What a payee earned and received."},
    {"name": "peers", "description": "For the other oracles of the set, which sign each call."},
]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:0 .3em}h3{margin:1.5em 0 0}p,ul{margin:.3em 0}"
)


def add_documentation(app: FastAPI) -> None:
    """Adds `/openapi.json` (also at its older address `/v1/openapi.json`) and `/docs` to an app."""
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]

    async def document(request: Request) -> Response:
        prefix = prefix_of(request)
        servers = {"servers": [{"url": prefix}]} if prefix else {}
        return JSONResponse(app.openapi() | servers)

    async def page(_request: Request) -> Response:
        return HTMLResponse(page_of(app.openapi()), headers=HEADERS)

    for path in ("/openapi.json", "/v1/openapi.json"):
        app.add_route(path, document, include_in_schema=False)
    app.add_route("/docs", page, include_in_schema=False)


def page_of(document: Mapping[str, Any]) -> str:
    """The operations of an OpenAPI document as one HTML page, in the order of its tags."""
    title, about = escape(document["info"]["title"]), escape(document["info"]["description"])
    lines = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style><h1>{title}</h1><p>{about}</p>",
        '<p>Every field and answer: <a href="openapi.json">openapi.json</a>.</p>',
    ]
    for tag in document["tags"]:
        lines.append(f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    lines += _operation(method, path, operation)
    return "\n".join(lines)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3>{escape(operation['summary'])}</h3>"
    yield f"<p><code>{method.upper()} {escape(path)}</code></p>"
    for part in operation["description"].split("\n\n"):
        yield f"<p>{escape(part)}</p>"
    yield "<ul>"
    for given in operation.get("parameters", []):
        note = f": {given['description']}" if "description" in given else ""
        yield f"<li>{given['in']} <code>{escape(given['name'])}</code>{escape(note)}</li>"
    for body in operation.get("requestBody", {}).get("content", {}).values():
        yield f"<li>body <code>{escape(_name(body['schema']))}</code></li>"
    for status, answer in sorted(operation["responses"].items()):
        yield f"<li>{escape(status)}: {escape(answer['description'])}</li>"
    yield "</ul>"


def _name(schema: Mapping[str, Any]) -> str:
    """What a schema is called: its own name, or its title where it has none."""
    return str(schema.get("$ref") or schema.get("title", "object")).rsplit("/", 1)[-1]


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one shape that every error has."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=TITLE, version=VERSION, description=ABOUT, routes=app.routes, tags=TAGS
        )
        components = document["components"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components["schemas"].update(problem.pop("$defs", {}))
        components["schemas"]["Problem"] = problem
        components["securitySchemes"] = {
            name: {"type": "apiKey", "in": "header", "name": name} for name in HEADERS_OF_A_CALL
        }
        app.openapi_schema = document
    return app.openapi_schema
