"""Paths and URLs of settings as people write them: the home folder, colons, and secrets."""

import json

import pytest

from generator.node import settings as node
from oracle import settings
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.keystore import open_key
from oracle.client.profile import config_path
from oracle.domain.environment import path_of, url
from oracle.domain.errors import InvalidInput
from scripts.reference.settings import NEEDED, NOBODY
from tests.support.deployment_file import deployment_file


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_every_path_of_an_oracle_knows_the_home_folder(home):
    found = settings.read(NEEDED | {
        "REFRAIN_DEPLOYMENT": "~/d.json", "REFRAIN_DATABASE": "~/o.sqlite",
        "REFRAIN_PIN_FOLDER": "~/pins", "REFRAIN_WITHHELD": "~/withheld",
    })  # fmt: skip
    assert found.deployment == home / "d.json" and found.database == home / "o.sqlite"
    assert found.pinning.pin_folder == home / "pins"
    assert found.withholding.folder == home / "withheld"
    beside = settings.read(NEEDED | {"REFRAIN_DEPLOYMENT": "d", "REFRAIN_DATABASE": "~/o?1.sqlite"})
    assert beside.withholding.folder == home / "o?1.sqlite.withheld"


def test_every_path_of_a_node_knows_the_home_folder(home):
    (home / "d.json").write_text(json.dumps(deployment_file(NOBODY)))
    found = node.read(NEEDED | {
        "REFRAIN_DEPLOYMENT": "~/d.json", "REFRAIN_VAULT": "~/vault",
        "REFRAIN_CLAP_CHECKPOINT": "~/clap.pt",
    })  # fmt: skip
    assert (found.vault, found.checkpoint) == (home / "vault", home / "clap.pt")


def test_the_file_of_profiles_may_be_below_the_home_folder(home):
    assert config_path({"REFRAIN_CONFIG": "~/c.toml"}) == home / "c.toml"
    assert config_path({"XDG_CONFIG_HOME": "~/x"}) == home / "x" / "refrain" / "config.toml"


def test_a_home_that_is_not_known_is_named(monkeypatch):
    with pytest.raises(InvalidInput, match="REFRAIN_VAULT: names a home that is not known"):
        path_of("~nobody-of-that-name/x", "REFRAIN_VAULT")
    with pytest.raises(InvalidInput, match="REFRAIN_VAULT: must be a path"):
        path_of("a\0b", "REFRAIN_VAULT")


@pytest.mark.parametrize("name", ["a:b/c.key", "a b/ü.key", "~x.key", "song?1#%20.key"])
@pytest.mark.parametrize("scheme", ["", "file:"])
def test_a_key_may_lie_anywhere(home, monkeypatch, name, scheme):
    path = home / name
    path.parent.mkdir(exist_ok=True)
    made = FileKey.create(path)
    assert open_key(f"{scheme}{path}").address == made.address
    monkeypatch.chdir(home)
    if not name.startswith("~"):
        assert open_key(f"{scheme}{name}").address == made.address
        assert open_key(f"{scheme}~/{name}").address == made.address


@pytest.mark.parametrize(
    "given", ["ftp://ada:se-cret@host", "http//ada:se-cret@host", "http://ada:se-cret@"]
)
def test_a_wrong_url_is_told_without_its_password(given):
    with pytest.raises(InvalidInput) as caught:
        url(given, "REFRAIN_PEERS[0]")
    assert "se-cret" not in str(caught.value)


def test_tokens_print_as_stars():
    found = settings.read(NEEDED | {
        "REFRAIN_DEPLOYMENT": "d", "REFRAIN_RPC": "http://ada:se-cret@h", "REFRAIN_RPC_TOKEN":
        "to-ken", "REFRAIN_IPFS_TOKEN": "to-ken", "REFRAIN_IPFS_API": "http://ada:se-cret@h",
    })  # fmt: skip
    assert found.rpc_token.reveal() == found.pinning.ipfs_token.reveal() == "to-ken"
    assert "to-ken" not in repr(found) and "se-cret" not in repr(found)
