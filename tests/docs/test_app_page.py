"""The Python of the guide for apps runs as written: `App` is built in both ways, and it buys."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oracle.client.app import App
from oracle.client.profile import Config, Profile, save_config
from oracle.domain.order import parse_order
from oracle.domain.request import parse_request
from tests.docs.pages import ROOT, blocks
from tests.support.chain_world import PRICE, ChainWorld, copied_world
from tests.support.http_script import Script, scripted
from tests.support.oracle_answers import quote_for, settling, view_of

[FROM_PROFILE, FROM_PARTS, BUYING] = [
    block.text for block in blocks(ROOT / "docs" / "guides" / "app.md")
    if block.language == "python"
]  # fmt: skip


class Oracle:
    """Answers as an honest oracle does; an order is settled before its answer."""

    def __init__(self, world: ChainWorld, api: Script) -> None:
        self.world, self.api, self.url = world, api, api.url
        self.plain, api.answer = api.answer, self.answer  # type: ignore[method-assign]
        self.view: dict[str, Any] = {}

    def answer(self, request: Any) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        request.rfile = io.BytesIO(body)
        self.api.says(*self._said(request.path, json.loads(body or b"{}")))
        self.plain(request)

    def _said(self, path: str, sent: Any) -> tuple[Any, int]:
        if path == "/v1/quotes":
            return quote_for(self.world, parse_request(sent["request"])), 200
        if path == "/v1/generations":
            case = settling(self.world, parse_order(sent["order"]), {1: 600_000, 3: 400_000})
            transaction = self.world.settle(case)
            self.view = view_of(case.generation, transaction=transaction)
            return {"id": case.generation, "stage": "ordered", "links": self.view["links"]}, 202
        return self.view, 200


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ChainWorld]:
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def oracle(world: ChainWorld) -> Iterator[Oracle]:
    with scripted() as script:
        yield Oracle(world, script)


@pytest.fixture
def folder(
    world: ChainWorld, oracle: Oracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """What the page asks for: a key, a deployment file, a profile, and two variables."""
    for name in ("REFRAIN_PROFILE", "REFRAIN_KEY", "REFRAIN_DEPLOYMENT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "app.key").write_text("0x" + world.chain.keys[7][2:])
    (tmp_path / "app.key").chmod(0o600)
    world.deployment.write(tmp_path / "deployment.json")
    profile = Profile(
        rpc=world.chain.url, deployment=str(tmp_path / "deployment.json"),
        key=str(tmp_path / "app.key"), api=oracle.url,
    )  # fmt: skip
    save_config(Config().with_profile("app", profile, True), tmp_path / "config.toml")
    monkeypatch.setenv("REFRAIN_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("REFRAIN_RPC", world.chain.url)
    monkeypatch.setenv("REFRAIN_API", oracle.url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("building", [FROM_PROFILE, FROM_PARTS], ids=["profile", "parts"])
def test_the_app_of_the_page_buys_a_track(
    folder: Path, world: ChainWorld, oracle: Oracle, building: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    names: dict[str, Any] = {}
    exec(building + BUYING, names)
    assert isinstance(names["app"], App) and names["app"].address == world.address("payer")
    said = capsys.readouterr().out
    assert said == f"settled {PRICE} {oracle.view['links']['audio']}\n"
    [kept] = (folder / "orders").iterdir()
    assert json.loads(kept.read_text())["prompt"] == "warm and slow"
