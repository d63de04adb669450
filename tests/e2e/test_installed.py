"""From nothing to an audited settlement with the installed package, outside of the checkout."""

import json
import shutil

import pytest

from scripts.stack.registration import CATALOGUE
from tests.audit.ending import passed
from tests.support.environment import CONSTRAINTS, ROOT, Environment, copy_source

from .running import running_up

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.long]

MOST_COMMANDS = 12
REFERENCE, OWN = "harbour-reel.wav", "paper-boats.wav"


class Person(Environment):
    """Somebody with the installed package; counts the commands that they need."""

    commands = 0

    def install(self, source):
        self.commands += 1
        result = self.pip("-c", str(CONSTRAINTS), str(source))
        assert result.returncode == 0, result.stderr

    def refrain(self, *words):
        self.commands += 1
        result = self.run("refrain", *map(str, words))
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr
        return result.stdout


@pytest.fixture
def stack(tmp_path, catalogue):
    """A running `make up` with one recording of somebody else; the path of its stack.json."""
    folder = tmp_path / "stack"
    (folder / "songs").mkdir(parents=True)
    shutil.copyfile(CATALOGUE / REFERENCE, folder / "songs" / REFERENCE)
    with running_up(folder, "--catalogue", str(folder / "songs")) as up:
        up.described()
        yield folder / "stack.json"


def test_an_artist_and_an_app_need_twelve_commands(stack, tmp_path):
    person = Person(tmp_path / "person")
    song = person.away / "Boats [feat. Ada].wav"
    shutil.copyfile(CATALOGUE / OWN, song)

    person.install(copy_source(tmp_path / "source"))
    person.refrain("init", "--stack", stack, "--name", "ada")
    person.refrain("faucet", "--yes")
    done = person.refrain("catalogue", "register", song, "--artist", "Ada", "--yes", "--json")
    (registered,) = json.loads(done)["registered"]
    assert registered["title"] == "Boats [feat. Ada]"
    number = registered["recording"]
    person.refrain("catalogue", "upload", song, "--recording", number)
    person.refrain("init", "--stack", stack, "--as", "app")
    view = json.loads(person.refrain(
        "app", "order", "--prompt", "slow dawn", "--length", 6, "--reference", f"{number}=60%",
        "--reference", "1=40%", "--limit", "1.00", "--yes", "--json", "--profile", "app",
    ))  # fmt: skip
    assert view["stage"] == "settled"
    assert {item["recording"] for item in view["vector"]} == {1, number}
    shown = person.refrain("catalogue", "show", number)
    assert "Boats [feat. Ada]" in shown
    later = json.loads(person.refrain("earn", "withdraw", "--json"))["later"]
    assert [item["recording"] for item in later] == [number]
    assert int(later[0]["amount"]["units"]) > 0
    audited = person.refrain("audit")
    assert passed(audited)

    assert person.commands <= MOST_COMMANDS
    found = person.run("python", "-c", "import oracle; print(oracle.__file__)").stdout
    assert str(ROOT) not in found and "site-packages" in found
