"""Web pages of other origins, and a proxy that publishes an oracle below a path."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from oracle.adapters.pinning.folder import FolderPinner
from oracle.api.app import PAGES
from oracle.api.gateway import PAGES as FILES
from oracle.api.gateway import gateway
from oracle.api.limits import LARGEST_BODY
from oracle.domain import canonical
from oracle.domain.cid import cid_of
from oracle.domain.errors import InvalidInput
from oracle.domain.ordered import placed_json
from oracle.http.front import EVERYBODY, Front, read_front
from oracle.http.fronted import fronted
from tests.support.oracle_api import JSON, URL, Idle, client_of, oracle_key, problem, signed
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

ROOT = Path(__file__).resolve().parents[3]
SHOP = "https://shop.example"
ALLOWED = "access-control-allow-origin"
ABSENT = "/v1/generations/0x" + "ab" * 32


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def served(trio):
    """Makes a client of the API behind a front; `by` is the address of the caller."""

    def serve(by="testclient", **front):
        app = fronted(client_of(trio, Idle()).app, Front(**front), PAGES)
        return TestClient(app, URL, raise_server_exceptions=False, client=(by, 5))

    return serve


def preflight(client, path, method, origin=SHOP, headers="content-type, idempotency-key"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return client.options(path, headers=asked)


def body_of(trio):
    asked = request()
    return placed_json(ordered(asked, *trio.order(asked)))


class TestPages:
    @pytest.mark.parametrize(
        ("path", "method"),
        [("/v1/generations", "POST"), (ABSENT, "GET"), (ABSENT, "DELETE"), ("/v1/quotes", "POST")],
    )
    def test_a_preflight_names_what_the_api_takes(self, served, path, method):
        answer = preflight(served(origins=(SHOP,)), path, method)
        assert answer.status_code == 200
        assert answer.headers[ALLOWED] == SHOP
        assert answer.headers["access-control-allow-methods"] == "GET, POST, DELETE"
        assert "Idempotency-Key" in answer.headers["access-control-allow-headers"]
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.parametrize(
        ("origin", "method", "headers"),
        [("https://evil.example", "POST", ""), (SHOP, "PUT", ""), ("null", "GET", ""),
         (SHOP, "POST", "x-refrain-signer"), (SHOP + ".evil.example", "GET", ""),
         ("http://shop.example", "GET", "")],
    )  # fmt: skip
    def test_any_other_preflight_is_refused(self, served, origin, method, headers):
        answer = preflight(served(origins=(SHOP,)), "/v1/quotes", method, origin, headers)
        assert answer.status_code == 400
        assert answer.headers.get(ALLOWED) in (None, SHOP) and answer.headers.get(ALLOWED) != "*"

    def test_without_the_setting_no_page_reads_an_answer(self, served):
        client = served()
        assert preflight(client, "/v1/quotes", "POST").status_code == 405
        assert ALLOWED not in client.get("/v1/health", headers={"Origin": SHOP}).headers

    def test_an_answer_says_what_a_page_may_read(self, served, trio):
        client = served(origins=(SHOP,))
        answer = client.post("/v1/generations", json=body_of(trio), headers={"Origin": SHOP})
        assert answer.status_code == 202 and answer.headers[ALLOWED] == SHOP
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Location", "Retry-After"} <= set(exposed)
        assert "Origin" in answer.headers["vary"]

    def test_a_cache_never_mixes_origins(self, served):
        client = served(origins=(SHOP, "https://other.example"))
        for origin in ({}, {"Origin": SHOP}, {"Origin": "https://evil.example"}):
            answer = client.get("/v1/health", headers=origin)
            assert "Origin" in answer.headers["vary"]
            assert answer.headers.get(ALLOWED) == (SHOP if SHOP in origin.values() else None)

    def test_every_page_is_an_origin_without_credentials(self, served):
        answer = served(origins=EVERYBODY).get("/v1/health", headers={"Origin": SHOP})
        assert answer.headers[ALLOWED] == "*"
        assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.parametrize(
        ("status", "method", "path", "data"),
        [(404, "GET", "/nowhere", None), (404, "GET", ABSENT, None),
         (405, "PUT", "/v1/quotes", None), (400, "POST", "/v1/quotes", b"{"),
         (413, "POST", "/v1/quotes", bytes(LARGEST_BODY + 1)), (415, "POST", "/v1/quotes", None)],
    )  # fmt: skip
    def test_a_page_can_read_errors_too(self, served, status, method, path, data):
        headers = {"Origin": SHOP, **(JSON if data else {})}
        answer = served(origins=(SHOP,)).request(method, path, content=data, headers=headers)
        problem(answer, status)
        assert answer.headers[ALLOWED] == SHOP

    def test_a_page_can_read_that_load_was_shed(self, served, monkeypatch):
        monkeypatch.setattr("oracle.api.load.AT_ONCE", 0)
        monkeypatch.setattr("oracle.api.load.WAITING", 0)
        answer = served(origins=(SHOP,)).get("/v1/recordings", headers={"Origin": SHOP})
        assert answer.headers["retry-after"] == "5"
        assert problem(answer, 503) and answer.headers[ALLOWED] == SHOP

    def test_a_page_can_read_an_error_that_nobody_foresaw(self, served, trio):
        trio.ledger.recording_count = lambda: 1 // 0
        answer = served(origins=(SHOP,)).get("/v1/recordings", headers={"Origin": SHOP})
        assert problem(answer, 500) and answer.headers[ALLOWED] == SHOP


class TestFiles:
    @pytest.fixture
    def files(self, tmp_path):
        self.cid = FolderPinner(tmp_path).pin(b"a track")
        front = Front(origins=EVERYBODY)
        return TestClient(fronted(gateway(FolderPinner(tmp_path)), front, FILES))

    def test_every_page_may_ask_for_a_range(self, files):
        answer = preflight(files, f"/ipfs/{self.cid}", "GET", headers="range")
        assert answer.status_code == 200 and answer.headers[ALLOWED] == "*"

    @pytest.mark.parametrize(
        ("path", "status"), [("/ipfs/{cid}", 200), ("/ipfs/nothing", 400), ("/nowhere", 404),
                             (f"/ipfs/{cid_of(b'absent')}", 404)],
    )  # fmt: skip
    def test_a_page_reads_files_and_errors(self, files, path, status):
        answer = files.get(path.format(cid=self.cid), headers={"Origin": SHOP})
        assert (answer.status_code, answer.headers[ALLOWED]) == (status, "*")
        assert answer.headers.get_list(ALLOWED) == ["*"]
        assert "Origin" in answer.headers["vary"]
        assert "Retry-After" in answer.headers["access-control-expose-headers"]

    def test_a_page_reads_that_the_gateway_has_no_turn(self, tmp_path, monkeypatch):
        monkeypatch.setattr("oracle.api.gateway.ANSWERS", 0)
        app = fronted(gateway(FolderPinner(tmp_path)), Front(origins=EVERYBODY), FILES)
        answer = TestClient(app).get(f"/ipfs/{cid_of(b'')}", headers={"Origin": SHOP})
        assert (answer.status_code, answer.headers[ALLOWED]) == (503, "*")


class TestPrefix:
    @pytest.mark.parametrize("path", ["/refrain/v1/generations", "/v1/generations"])
    def test_links_begin_with_the_path_of_the_proxy(self, served, trio, path):
        client = served(prefix="/refrain")
        answer = client.post(path, json=body_of(trio))
        found = f"/refrain/v1/generations/{answer.json()['id']}"
        assert answer.headers["location"] == answer.json()["links"]["self"] == found
        assert client.get(found).json()["links"]["self"] == found

    def test_only_a_trusted_proxy_names_another_path(self, served, trio):
        body, told = body_of(trio), {"X-Forwarded-Prefix": "/music/"}
        for by, prefix in (("10.0.0.9", "/music"), ("192.0.2.1", "/refrain")):
            client = served(by, prefix="/refrain", proxies=("10.0.0.0/8",))
            answer = client.post("/v1/generations", json=body, headers=told)
            assert answer.headers["location"].startswith(f"{prefix}/v1/generations/0x")

    @pytest.mark.parametrize(
        "told", ["//evil.example", "http://evil.example", "/a/../b", "/a b", "x"]
    )
    def test_a_path_that_is_none_is_not_used(self, served, trio, told):
        client = served("::1", proxies=("::1/128",))
        headers = {"X-Forwarded-Prefix": told}
        answer = client.post("/v1/generations", json=body_of(trio), headers=headers)
        assert answer.headers["location"].startswith("/v1/generations/0x")

    def test_the_document_names_the_path(self, served):
        client = served(prefix="/refrain")
        for path in ("/openapi.json", "/refrain/v1/openapi.json"):
            assert client.get(path).json()["servers"] == [{"url": "/refrain"}]
        assert "servers" not in served().get("/openapi.json").json()

    @pytest.mark.parametrize("below", ["", "/refrain"])
    def test_oracles_sign_the_path_below_the_prefix(self, served, trio, below):
        path = f"/v1/peers/withheld/0x{'ab' * 32}/{cid_of(b'x')}"
        headers = signed(trio, oracle_key(trio, 1), path, b"", "GET")
        answer = served(prefix="/refrain").get(below + path, headers=headers)
        assert problem(answer, 404)["title"] == "Not found"

    def test_nothing_redirects_to_the_path_without_the_prefix(self, served):
        answer = served(prefix="/refrain").get("/refrain/v1/recordings/", follow_redirects=False)
        assert problem(answer, 404) and "location" not in answer.headers

    def test_a_longer_name_is_another_path(self, served):
        assert served(prefix="/refrain").get("/refrained/v1/health").status_code == 404


class TestSettings:
    def read(self, url="", **values):
        return read_front({f"REFRAIN_{name}": value for name, value in values.items()}, url)

    def test_without_settings_nothing_is_permitted(self):
        assert self.read() == Front()

    @pytest.mark.parametrize(
        ("given", "origins"),
        [("https://Shop.example, http://localhost:3000/", (SHOP, "http://localhost:3000")),
         ("https://shop.example:443", (SHOP,)), ("http://[::1]:3000", ("http://[::1]:3000",)),
         ("*", ("*",)), (" , ", ())],
    )  # fmt: skip
    def test_origins_are_as_browsers_write_them(self, given, origins):
        assert self.read(CORS_ORIGINS=given).origins == origins

    @pytest.mark.parametrize(
        "wrong", ["shop.example", "https://shop.example/path", "ftp://shop.example", "https://",
                  "https://user@shop.example", "https://*.example/*", "http://[", "null", "https://a:b",
                  "https://*.shop.example", "https://bücher.example", "https://a..b"],
    )  # fmt: skip
    def test_what_is_no_origin_is_named(self, wrong):
        with pytest.raises(InvalidInput) as caught:
            self.read(CORS_ORIGINS=f"https://a.example,{wrong}")
        assert caught.value.field == "REFRAIN_CORS_ORIGINS[1]" and caught.value.value == wrong

    def test_the_path_is_the_public_url_s_unless_it_is_named(self):
        url = "https://example.org/refrain/"
        assert self.read(url).prefix == "/refrain"
        assert self.read(url, ROOT_PATH="/a/b/").prefix == "/a/b"
        assert self.read("https://example.org").prefix == ""

    @pytest.mark.parametrize("wrong", ["refrain", "//x", "/a?b", "/a/../b", "/" + "a" * 70])
    def test_a_path_that_is_none_is_named(self, wrong):
        with pytest.raises(InvalidInput, match="REFRAIN_ROOT_PATH: must be a path"):
            self.read(ROOT_PATH=wrong)

    def test_a_proxy_is_an_address_or_a_network(self):
        found = self.read(PROXIES="127.0.0.1, ::1,10.0.0.0/8").proxies
        assert found == ("127.0.0.1/32", "::1/128", "10.0.0.0/8")
        with pytest.raises(InvalidInput, match=r"REFRAIN_PROXIES\[0\]: must be an address"):
            self.read(PROXIES="proxy.example")


def test_the_client_behind_a_trusted_proxy_has_its_own_address():
    async def show(scope, receive, send):
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    seen = []
    headers = {"X-Forwarded-For": "192.0.2.7"}
    for by in ("127.0.0.1", "192.0.2.1"):
        app = fronted(show, Front(proxies=("127.0.0.1/32",)))
        TestClient(app, client=(by, 5)).get("/", headers=headers)
    assert seen == ["192.0.2.7", "192.0.2.1"]


def test_the_body_is_still_the_one_that_was_sent(served, trio):
    client = served(prefix="/refrain", origins=(SHOP,))
    answer = client.post(
        "/refrain/v1/generations", content=canonical.dumps(body_of(trio)), headers=JSON
    )
    assert answer.status_code == 202


def test_clients_that_pin_need_no_server():
    program = (
        "import sys, oracle.settings, oracle.adapters.pinning; "
        "sys.exit(bool({'starlette', 'uvicorn', 'fastapi'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
