"""docs/reference/http-api.md: the oracle's HTTP API, from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from scripts.reference.marks import replaced


def document() -> dict[str, Any]:
    """The OpenAPI document; it does not depend on what the handlers work with."""
    from oracle.api.app import create_app
    from oracle.api.routes import Handlers

    nothing = cast(Any, None)
    return create_app(Handlers(nothing, nothing, nothing, ""), nothing, nothing).openapi()


def page(current: str) -> str:
    """The page with the oracle's routes, bodies and answers renewed."""
    found = document()
    routes = [
        (method.upper(), path, operation)
        for path, methods in found["paths"].items() for method, operation in methods.items()
    ]  # fmt: skip
    table = [f"| `{method} {path}` | {_first(operation)} |" for method, path, operation in routes]
    sections = [_route(*route) for route in routes]
    bodies = [_schema(name, schema) for name, schema in found["components"]["schemas"].items()
              if not name.startswith(("HTTPValidation", "ValidationError"))]
    head = ["| route | what it does |", "| --- | --- |"]
    page = replaced(current, "routes", "\n\n".join(["\n".join(head + table), *sections]))
    return replaced(page, "bodies", "\n\n".join(bodies))


def _first(operation: dict[str, Any]) -> str:
    text = str(operation.get("description") or operation["summary"])
    return " ".join(text.split("\n\n")[0].split())


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    says = str(operation.get("description", operation["summary"]))
    lines = [f"### {method} {path}", "", says, ""]
    for parameter in operation.get("parameters", ()):
        about = parameter.get("description", "")
        needed = "" if parameter.get("required") else ", optional"
        kind = _kind(parameter["schema"])
        lines.append(f"- {parameter['in']} `{parameter['name']}` ({kind}{needed}) {about}".rstrip())
    if body := operation.get("requestBody"):
        lines.append(f"- body: {_content(body)}")
    lines += [f"- {line}" for line in _answers(operation["responses"])]
    return "\n".join(lines)


def _answers(responses: dict[str, Any]) -> Iterator[str]:
    for status, response in sorted(responses.items()):
        shown = _content(response)
        if status < "400":
            yield f"`{status}` {shown}"
        else:
            yield f"`{status}` {response['description']}"


def _content(holder: dict[str, Any]) -> str:
    found = holder.get("content", {})
    schemas = [_kind(media["schema"]) for media in found.values() if media.get("schema")]
    return " or ".join(dict.fromkeys(schemas)) or " or ".join(f"`{media}`" for media in found)


def _schema(name: str, schema: dict[str, Any]) -> str:
    lines = [f"### {name}", ""]
    if says := schema.get("description"):
        lines += [" ".join(says.split()), ""]
    if "enum" in schema:
        return "\n".join([*lines, f"One of {_kind(schema)}."])
    lines += ["| field | type | meaning |", "| --- | --- | --- |"]
    needed = schema.get("required", ())
    for field, about in schema.get("properties", {}).items():
        kind = _kind(about) + ("" if field in needed else ", optional")
        lines.append(f"| `{field}` | {kind} | {about.get('description', '')} |")
    return "\n".join(lines)


def _kind(schema: dict[str, Any]) -> str:
    """A type in words, with its limits; a schema of its own as a link."""
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf"):
        return " or ".join(map(_kind, options))
    if values := schema.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}{_limits(schema, 'minItems', 'maxItems')}"
    kind = schema.get("type", "any")
    names = ("minLength", "maxLength") if kind == "string" else ("minimum", "maximum")
    return f"{kind}{_limits(schema, *names)}"


def _limits(schema: dict[str, Any], low: str, high: str) -> str:
    found = [schema.get(low), schema.get(high)]
    if found == [None, None]:
        return ""
    least, most = (None if limit is None else str(int(limit)) for limit in found)
    if least is None or most is None:
        return f", at least {least}" if most is None else f", at most {most}"
    return f", {least} to {most}" if least != most else f", exactly {least}"
