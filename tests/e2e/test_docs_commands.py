"""Every command and every URL of the documentation, as written, against a running stack.

Each page runs in a folder of its own, which has what the page asks for: `.refrain/stack.json` of
the running stack, and `song.flac`. Nothing in the commands is replaced.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.docs.pages import PAGES, blocks, name_of, routes, script

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.long]

RUNNABLE = [page for page in PAGES if script(page)]
CONSOLE = {
    "README.md": 1,
    "docs/contributing.md": 1,
    "docs/guides/operator.md": 2,
    "docs/quickstart.md": 1,
}
"""Blocks that the test does not run; each page gives the reason below the block."""

PATIENCE = 900
SHELL = """set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
"""
ORDER_ID = "0x" + "11" * 32
UNKNOWN_CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"


def song(catalogue: Path, target: Path) -> None:
    """A file that nobody has registered: the quieter first half of a song of the demo."""
    import soundfile

    samples, rate = soundfile.read(catalogue / "glasshouse.wav")
    soundfile.write(target, samples[: len(samples) // 2] * 0.9, rate)


@pytest.fixture
def folder(tmp_path, world, catalogue):
    """What the pages tell a reader to have."""
    described = world.stack.describe()
    (tmp_path / ".refrain").mkdir()
    (tmp_path / ".refrain" / "stack.json").write_text(json.dumps(described))
    song(catalogue, tmp_path / "song.flac")
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REFRAIN_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "PATH": path,
                   "NO_COLOR": "1", "COLUMNS": "120"}  # fmt: skip


@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_the_commands_of_a_page_work_as_written(page, folder):
    assert shutil.which("curl"), "the commands of the docs need curl"
    done = subprocess.run(
        ["bash", "-c", SHELL + script(page)], cwd=folder, env=environment(folder),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"




def test_commands_that_do_not_run_are_counted_and_have_a_reason():
    found = {name_of(page): [block for block in blocks(page) if block.language == "console"]
             for page in PAGES}  # fmt: skip
    assert {name: len(listed) for name, listed in found.items() if listed} == CONSOLE
    for name, listed in found.items():
        for block in listed:
            assert block.after.startswith("(") and "test" in block.after, (name, block.text)


def base_of(section: str, world) -> str:
    described = world.stack.describe()
    urls = {"Gateway": described["gateway"], "Generation node": described["nodes"][0]}
    return urls.get(section, described["api"][0])


[REFERENCE] = [page for page in PAGES if page.name == "http-api.md"]
SERVERS = {(method, path): server for server, method, path in routes(REFERENCE)}
"""The server of each route; the other pages do not say which one they mean."""

ROUTES = sorted({
    *routes(REFERENCE),
    *((SERVERS.get((method, path), "Oracle"), method, path)
      for page in PAGES for _, method, path in routes(page)),
})  # fmt: skip


@pytest.mark.parametrize(("section", "method", "path"), ROUTES)
def test_a_url_of_the_docs_is_served(section, method, path, world):
    payee = world.stack.accounts.account("app").address
    filled = path.format(
        recording=1, address=payee, generation=ORDER_ID, job_id=ORDER_ID, cid=UNKNOWN_CID
    )
    answer = httpx.request(method, base_of(section, world) + filled, timeout=60, trust_env=False)
    if "{" in path or method != "GET":
        # A made-up id or an empty body: the route names the value; "no such route" names none.
        assert answer.status_code != 405, answer.text
        assert answer.status_code != 404 or "value" in answer.json(), answer.text
    else:
        assert answer.status_code == 200, answer.text
