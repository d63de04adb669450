"""Profiles: what is written is what is read, and what is wrong is named."""

import stat
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.client.profile import (
    ENVIRONMENT,
    Config,
    Profile,
    check_name,
    choose,
    config_path,
    load_config,
    parse_config,
    save_config,
    to_toml,
)
from oracle.domain.errors import InvalidInput, NotFound

ADA = Profile(rpc="http://127.0.0.1:8545/secret", deployment="/d.json", key="/k", api="http://a",
              nodes=("http://n1", "http://n2"), pin="folder:/p")  # fmt: skip

text = st.text(st.characters(exclude_categories=["Cs"]))
profiles = st.builds(Profile, rpc=text, deployment=text, key=text, api=text, ipfs=text, pin=text,
                     nodes=st.lists(text.filter(bool)).map(tuple))  # fmt: skip
names = st.from_regex(r"\A[A-Za-z0-9_-]{1,40}\Z")


@given(st.dictionaries(names, profiles, min_size=1), st.data())
def test_what_is_written_is_read(tmp_path_factory, found, data):
    config = Config(data.draw(st.sampled_from(sorted(found))), found)
    path = tmp_path_factory.getbasetemp() / "config" / "config.toml"
    save_config(config, path)
    assert load_config(path) == config


def test_the_file_is_its_owners(tmp_path):
    path = tmp_path / "new" / "config.toml"
    save_config(Config("ada", {"ada": ADA}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["config.toml"]


def test_an_absent_file_holds_nothing(tmp_path):
    assert load_config(tmp_path / "config.toml") == Config()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"colour": 1}, "config.colour: is not a known entry"),
        ({"profiles": {"a": {"rcp": "x"}}}, "config.profiles.a.rcp: is not a known entry"),
        ({"profiles": {"a": {"rpc": 5}}}, "config.profiles.a.rpc: must be text"),
        ({"profiles": {"a": {"nodes": [5]}}}, "config.profiles.a.nodes: must be text"),
        ({"profiles": {"a": 5}}, "config.profiles.a: must be a table"),
        ({"profiles": 5}, "config.profiles: must be a table"),
        ({"profiles": {"a b": {}}}, "profile: must be 1 to 40 letters"),
        ({"default": ["a"], "profiles": {"a": {}}}, "config.default: names no profile"),
        ({"default": "b", "profiles": {"a": {}}}, "config.default: names no profile"),
    ],
)
def test_what_is_wrong_is_named(found, said):
    with pytest.raises(InvalidInput, match=said):
        parse_config(found)


@pytest.mark.parametrize("data", [b"rpc =", b"\xff", b'a = "\xed\xa0\x80"'])
def test_what_is_no_toml_is_said(tmp_path, data):
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="config: cannot be read"):
        load_config(path)


def test_a_folder_is_no_config(tmp_path):
    with pytest.raises(InvalidInput, match="config: cannot be read: Is a directory"):
        load_config(tmp_path)


def test_text_that_is_no_unicode_is_refused():
    with pytest.raises(InvalidInput, match="key: must be text in UTF-8"):
        to_toml(Config("a", {"a": replace(ADA, key="/\udcff")}))


@pytest.mark.parametrize("name", ["", "a b", "a.b", "é", "x" * 41, "a\n", "../a"])
def test_names_are_plain(name):
    with pytest.raises(InvalidInput, match="profile: must be"):
        check_name(name)


class TestChoice:
    config = Config("ada", {"ada": ADA, "bo": Profile(rpc="http://bo")})

    def test_the_named_one_then_the_variable_then_the_default(self):
        assert choose(self.config, {}, "bo")[0] == "bo"
        assert choose(self.config, {"REFRAIN_PROFILE": "bo"})[0] == "bo"
        assert choose(self.config, {"REFRAIN_PROFILE": "bo"}, "ada") == ("ada", ADA)
        assert choose(self.config, {}) == ("ada", ADA)

    def test_variables_come_before_the_file(self):
        over = {"REFRAIN_RPC": "r", "REFRAIN_DEPLOYMENT": "d", "REFRAIN_KEY": "k",
                "REFRAIN_API": "a"}  # fmt: skip
        found = choose(self.config, over)[1]
        assert found == replace(ADA, rpc="r", deployment="d", key="k", api="a")
        assert choose(Config(), over) == (ENVIRONMENT, Profile("r", "d", "k", "a"))

    def test_no_profile_says_how_to_make_one(self):
        with pytest.raises(NotFound, match="`refrain init` makes one"):
            choose(Config(), {})
        with pytest.raises(NotFound, match=r"carl: there is no such profile \(there are: ada, bo"):
            choose(self.config, {}, "carl")

    def test_the_first_profile_is_the_default(self):
        first = Config().with_profile("a", ADA, False)
        assert first.default == "a"
        assert first.with_profile("b", ADA, False).default == "a"
        assert first.with_profile("b", ADA, True).default == "b"


def test_where_the_file_is():
    home = {"HOME": "/h"}
    assert str(config_path(home)) == "/h/.config/refrain/config.toml"
    assert str(config_path(home | {"XDG_CONFIG_HOME": "/x"})) == "/x/refrain/config.toml"
    assert str(config_path(home | {"REFRAIN_CONFIG": "/c.toml"})) == "/c.toml"
    with pytest.raises(InvalidInput, match="REFRAIN_CONFIG: must be set, or HOME"):
        config_path({})


def test_the_rpc_is_not_printed():
    assert "secret" not in repr(ADA)


def test_a_file_that_an_editor_marked_is_read(tmp_path):
    path = tmp_path / "config.toml"
    path.touch(0o600)
    path.write_bytes(b"\xef\xbb\xbf" + to_toml(Config("ada", {"ada": ADA})).encode())
    assert load_config(path).profiles == {"ada": ADA}
