"""The API's documentation: both pages answer, every operation is described, and no secret shows."""

import json
import re
from html.parser import HTMLParser

import pytest
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient

from oracle.adapters.signing.calls import CallSigner
from oracle.api.app import create_app
from oracle.api.cancel_routes import CancelHandlers, cancel_router
from oracle.api.copy_routes import CopyHandlers, copy_router
from oracle.api.delivery_routes import DeliveryHandlers, delivery_router
from oracle.api.documentation import TAGS
from oracle.api.peer_routes import PeerHandlers, peer_router
from oracle.api.routes import Handlers, public_router
from oracle.domain.typed_data import SigningDomain
from oracle.http.caller import Callers
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.worker import Worker
from oracle.quorum.deliveries import Deliveries
from oracle.readiness import Readiness
from tests.support.fake_chain import CHAIN
from tests.support.samples import LEDGER
from tests.support.trio import key, make_trio

URL = "http://oracle.internal"
GATEWAY = "http://gateway.internal"
PEER_PATHS = {
    "/v1/peers/reservations", "/v1/peers/attestations", "/v1/peers/batches",
    "/v1/peers/cancellations", "/v1/peers/rulings", "/v1/peers/withheld/{generation}/{cid}",
}  # fmt: skip


@pytest.fixture(scope="module")
def handlers(tmp_path_factory):
    context = make_trio(tmp_path_factory.mktemp("oracles")).contexts[0]
    return Handlers(context, Worker(Pipeline(context)).add, Readiness(context, {}), GATEWAY)


@pytest.fixture(scope="module")
def api(handlers):
    worker = Worker(Pipeline(handlers.context))
    typed, signers = handlers.context.typed, handlers.context.terms.oracle_set.signers
    callers = Callers(typed, signers, URL, handlers.context.clock.now)
    with TestClient(create_app(handlers, worker, callers)) as client:
        yield client


@pytest.fixture(scope="module")
def document(api):
    answer = api.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    return [(path, method, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]  # fmt: skip


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert OpenAPI.model_validate(document).info.title == "Refrain oracle"
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) == 20


def test_the_older_address_has_the_same_document(api, document):
    assert api.get("/v1/openapi.json").json() == document


def test_every_route_of_the_routers_is_in_the_document(handlers, document):
    context = handlers.context
    routers = [
        public_router(handlers), peer_router(PeerHandlers(context, handlers.submit)),
        delivery_router(DeliveryHandlers(Deliveries(context))),
        copy_router(CopyHandlers(context)), cancel_router(CancelHandlers(context, GATEWAY)),
    ]  # fmt: skip
    served = {(route.path, method) for router in routers for route in router.routes
              for method in route.methods}  # fmt: skip
    assert served == {(path, method.upper()) for path, method, _ in operations(document)}


def test_every_operation_is_described(document):
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"].endswith((".", ".\n")), path
        [tag] = operation["tags"]
        assert tag in [known["name"] for known in TAGS], path
        for given in operation.get("parameters", []):
            assert given["description"], (path, given["name"])


def test_every_schema_is_described(document):
    for name, schema in document["components"]["schemas"].items():
        if schema["type"] == "object":
            assert schema["description"], name


def test_peer_routes_have_a_tag_and_a_security_of_their_own(document):
    tagged = {path for path, _, operation in operations(document) if operation["tags"] == ["peers"]}
    guarded = {path for path, _, operation in operations(document) if "security" in operation}
    assert tagged == guarded == PEER_PATHS
    schemes = document["components"]["securitySchemes"]
    sent = CallSigner(key("oracle 0"), SigningDomain(CHAIN, LEDGER)).headers(URL, "GET", "/", b"")
    assert set(schemes) == {scheme["name"] for scheme in schemes.values()} == set(sent)
    for path, _, operation in operations(document):
        if path in PEER_PATHS:
            assert operation["security"] == [{name: [] for name in sent}]


class Page(HTMLParser):
    """Collects a page's text and what it would load from elsewhere."""

    def __init__(self, html):
        super().__init__()
        self.text, self.loaded, self.links = "", [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.loaded += [found["src"]] if "src" in found else []
        self.loaded += [tag] if tag in ("script", "link", "iframe", "img") else []
        self.links += [found["href"]] if tag == "a" else []

    def handle_data(self, data):
        self.text += data


def test_the_page_lists_every_operation_and_loads_nothing(api, document):
    answer = api.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = Page(answer.text)
    assert page.loaded == []
    assert page.links == ["openapi.json"], "so that it is right below any path"
    listed = re.findall(r"(GET|POST|DELETE) (/v1/\S+)", page.text)
    assert sorted(listed) == sorted(
        (method.upper(), path) for path, method, _ in operations(document)
    )


def test_text_of_the_document_is_escaped_in_the_page(api):
    page = Page(api.get("/docs").text)
    assert "the order's struct hash" in page.text
    assert "&#x27;" not in page.text


def test_neither_shows_a_setting(api, document):
    for text in (json.dumps(document), api.get("/docs").text):
        assert URL not in text
        assert GATEWAY not in text
