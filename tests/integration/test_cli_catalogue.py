"""`refrain catalogue` on a real chain: what it registers, refuses, lists and shows."""

from __future__ import annotations

import pytest

from oracle.adapters.pinning import PINNERS
from oracle.domain import canonical
from oracle.domain.cid import decode
from oracle.settings import Pinning
from tests.support.chain_world import copied_world
from tests.support.containers_made import aiff, id3, mp3, wav
from tests.support.shell import Shell

WAVE = wav()
"""A file that every node takes."""
OTHER = wav(hertz=550)


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def shell(world, tmp_path, monkeypatch, capsys):
    return Shell(world, tmp_path, monkeypatch, capsys)


def sent(world, role):
    return world.rpc.count(world.address(role))


class TestCatalogue:
    def test_a_recording_is_registered_with_its_holders(self, world, shell, tmp_path):
        path, store = tmp_path / "Song [feat. Ada] [Live].wav", tmp_path / "store"
        path.write_bytes(WAVE)
        table = [f"{world.address('mara')}=90%", f"{world.address('holder')}=10%"]
        assert shell.json("mara", "split", "create", *table, "--yes")["split"] == 2
        done = shell.json("mara", "catalogue", "register", path, "--artist", "Mara", "--split", 2,
                          "--until", "2040-01-01", "--pin", f"folder:{store}", "--yes")  # fmt: skip
        assert done["registered"] == [
            {"recording": 4, "file": str(path), "title": "Song [feat. Ada] [Live]"}
        ]
        assert f"paid to {world.address('mara')} (you)   -        90%" in shell.err
        assert "Song [feat. Ada] [Live]" in shell.err
        found = world.ledger().recording(4)
        assert (found.split, found.uses, found.consent_until) == (2, 5, 2_208_988_800)
        (pin,) = (store / "pins").iterdir()
        assert "0x" + decode(pin.name)[1].hex() == found.metadata
        data = PINNERS["folder"](Pinning("folder", store, None)).fetch(pin.name)
        assert canonical.loads(data)["title"] == "Song [feat. Ada] [Live]"

    def test_nothing_is_published_before_the_answer(self, world, shell, tmp_path):
        path, store = tmp_path / "one.wav", tmp_path / "store"
        path.write_bytes(WAVE)
        words = ["catalogue", "register", path, "--artist", "M", "--pin", f"folder:{store}"]
        assert shell("mara", *words, typed="n\n") == 1
        assert not list(store.glob("pins/*")) and world.ledger().recording_count() == 3

    def test_several_files_are_registered_at_once(self, world, shell, tmp_path):
        paths = [tmp_path / name for name in ("a.wav", "b.wav")]
        for path in paths:
            path.write_bytes(wav(hertz=100 + path.name.encode()[0]))
        count = sent(world, "mara")
        done = shell.json("mara", "catalogue", "register", *paths, "--artist", "Mara", "--yes")
        assert [(d["recording"], d["title"]) for d in done["registered"]] == [(4, "a"), (5, "b")]
        assert sent(world, "mara") == count + 1

    def test_a_split_of_strangers_is_refused_unless_it_is_meant(self, world, shell, tmp_path):
        path = tmp_path / "one.wav"
        path.write_bytes(WAVE)
        words = ["catalogue", "register", path, "--artist", "Mara", "--split", 1, "--yes"]
        assert shell("mara", *words) == 1
        assert "split 1 does not name you" in shell.err and "70% to" in shell.err
        assert shell("mara", *words, "--pay-others") == 0
        assert world.ledger().recording(4).split == 1

    @pytest.mark.parametrize(
        ("data", "said"),
        [(b"import os\n" * 9, "is not audio"), (b"", "is empty"), (b"0x" + b"aB" * 32 + b"\n",
         "is a key file"), (b"ab" * 32, "is a key file"), (b"RIFF", "is not audio")],
    )  # fmt: skip
    def test_what_is_no_recording_is_refused(self, world, shell, tmp_path, data, said):
        path = tmp_path / "one.wav"
        path.write_bytes(data)
        assert shell("mara", "catalogue", "register", path, "--artist", "M", "--yes") == 1
        assert "FILES: " in shell.err and said in shell.err
        assert "one.wav" in shell.err and str(tmp_path) not in shell.err
        assert shell("mara", "catalogue", "upload", path, "--recording", 1, "--node", "x") == 1
        assert said in shell.err and str(tmp_path) not in shell.err
        assert world.ledger().recording_count() == 3

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--artist", ""], "artist: must not be empty (found '')"),
            (["--artist", "M", "--title", " "], "title: must not be empty (found ' ')"),
            (["--artist", "M\x1b[31m"], r"artist: must not hold control characters (found 'M\x1b"),
            (["--artist", "M", "--title", "a\u202eb"], r"title: must not hold control characters"),
            (["--artist", "M", "--licence", "a\nb"], r"licence: must not hold control characters"),
        ],
    )
    def test_words_that_nobody_could_read_are_refused(self, shell, tmp_path, words, said):
        path = tmp_path / "one.wav"
        path.write_bytes(WAVE)
        assert shell("mara", "catalogue", "register", path, *words, "--yes") == 2
        assert said in shell.err and len(shell.err.splitlines()) == 1

    def test_a_file_that_is_registered_needs_again(self, world, shell, tmp_path):
        one, same = tmp_path / "one.wav", tmp_path / "same.wav"
        for path in (one, same):
            path.write_bytes(WAVE)
        words = ["catalogue", "register", "--artist", "M", "--yes"]
        assert shell("mara", *words, one, same) == 1
        assert "FILES: same.wav: the same as one.wav" in shell.err
        assert shell("mara", *words, one) == 0
        assert shell("jonas", *words, same) == 1
        owner = world.address("mara")
        assert f"registered already as recording 4 of {owner}. If this is meant" in shell.err
        assert world.ledger().recording_count() == 4
        assert shell("jonas", *words, same, "--again") == 0
        assert world.ledger().recording_count() == 5

    def test_a_title_that_cannot_be_read_says_why(self, shell, tmp_path):
        assert shell("mara", "catalogue", "show", 1) == 0
        assert "cannot be read: the profile names no gateway (`refrain init --ipfs" in shell.out
        assert shell.json("mara", "catalogue", "show", 1)["title"] is None
        profile = 'default = "a"\n[profiles.a]\nipfs = "http://u:secret@127.0.0.1:9/"\n'
        (tmp_path / "config.toml").write_text(profile)
        assert shell("mara", "catalogue", "list") == 0
        said = "cannot be read: the gateway http://127.0.0.1:9/… does not answer"
        assert shell.err.count(said) == 1 and "secret" not in shell.err

    def test_what_there_is_is_listed(self, world, shell):
        found = shell.json("mara", "catalogue", "list")["recordings"]
        assert [each["recording"] for each in found] == [1, 2, 3]
        found = shell.json("mara", "catalogue", "list", "--mine")["recordings"]
        assert [each["recording"] for each in found] == [1, 2]
        found = shell.json("mara", "catalogue", "show", 3)
        assert [h["share"] for h in found["paid"]["holders"]] == [700_000, 300_000]


class TestTags:
    """Title, artist and ISRC come from the file, unless they are given."""

    TAG = id3(("TIT2", "Slow Ferry [Live]"), ("TPE1", "Ada"), ("TSRC", "us-s1z-99-00001"))

    def test_tags_are_shown_before_the_answer_and_registered(self, world, shell, tmp_path):
        path = tmp_path / "track 01.wav"
        path.write_bytes(self.TAG + WAVE)
        done = shell.json("mara", "catalogue", "register", path, "--yes")
        assert done["registered"][0]["title"] == "Slow Ferry [Live]"
        assert "track 01.wav: from its tags: title, artist, ISRC" in shell.err
        for shown in ("Slow Ferry [Live]", "Ada", "USS1Z9900001"):
            assert shown in shell.err.split("Register a recording")[1]
        assert world.ledger().recording(4).isrc == "USS1Z9900001"

    def test_what_is_given_wins_and_the_difference_is_said(self, world, shell, tmp_path):
        path = tmp_path / "one.wav"
        path.write_bytes(self.TAG + WAVE)
        words = ["--artist", "Bo", "--title", "slow  ferry [LIVE]", "--isrc", "ZZ-AB1-26-00007"]
        assert shell("mara", "catalogue", "register", path, *words, "--yes") == 0
        assert "one.wav: its tags say artist Ada; Bo is registered, as you gave it" in shell.err
        assert "its tags say ISRC USS1Z9900001; ZZAB12600007 is registered" in shell.err
        assert "its tags say title" not in shell.err
        assert world.ledger().recording(4).isrc == "ZZAB12600007"

    def test_without_tags_the_artist_must_be_given(self, world, shell, tmp_path):
        path = tmp_path / "one.wav"
        path.write_bytes(WAVE)
        assert shell("mara", "catalogue", "register", path, "--yes") == 2
        assert "--artist: must be given: the tags of the file name no artist" in shell.err
        assert len(shell.err.splitlines()) == 1

    def test_an_isrc_that_is_none_is_refused_or_left_out(self, world, shell, tmp_path):
        path = tmp_path / "one.mp3"
        path.write_bytes(id3(("TPE1", "Ada"), ("TSRC", "none")) + WAVE)
        words = ["catalogue", "register", path, "--yes"]
        assert shell("mara", *words, "--isrc", "QQ-S1Z-99-00001") == 2
        assert "--isrc: is no ISRC: it begins with letters that no country" in shell.err
        assert shell("mara", *words) == 0
        assert "one.mp3: the ISRC of its tags is left out: isrc: is no ISRC" in shell.err
        assert world.ledger().recording(4).isrc == ""

    def test_two_files_with_one_isrc_are_named(self, world, shell, tmp_path):
        paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
        for path, sound in zip(paths, (WAVE, OTHER), strict=True):
            path.write_bytes(self.TAG + sound)
        assert shell("mara", "catalogue", "register", *paths, "--yes") == 1
        assert "FILES: a.wav and b.wav have the same ISRC USS1Z9900001" in shell.err
        assert shell("mara", "catalogue", "register", paths[0], "--yes") == 0
        assert shell("jonas", "catalogue", "register", paths[1], "--yes") == 0
        assert "b.wav: its ISRC USS1Z9900001 is that of recording 4" in shell.err

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (wav(1.0), "one.wav: audio.seconds: must be at least 2 s (found 1.000)"),
            (WAVE[:44] + bytes(40_000), "one.wav: audio.peak: silent"),
            (wav(stated=0), "one.wav: audio: has a size of 0 for its samples"),
            (aiff()[:9_000], "audio.seconds: is cut: its header says 2.500 s (found 0.559 s)"),
            (mp3(400, (320, 32)), "one.wav: audio: has a variable bit rate and no header"),
            (b"\0\0\0\x20ftypM4A " + bytes(99), "(found M4A or MP4)"),
        ],
    )
    def test_what_no_node_takes_costs_no_gas(self, world, shell, tmp_path, data, said):
        path, before = tmp_path / "one.wav", sent(world, "mara")
        path.write_bytes(data)
        assert shell("mara", "catalogue", "register", path, "--artist", "Ada", "--yes") == 1
        assert said in shell.err and len(shell.err.splitlines()) == 1
        assert sent(world, "mara") == before and world.ledger().recording_count() == 3

    def test_without_a_decoder_it_is_said_what_was_not_checked(
        self, world, shell, tmp_path, monkeypatch
    ):
        monkeypatch.setattr("oracle.client.audio_check.NEEDED", ("a_package_that_is_missing",))
        path = tmp_path / "one.wav"
        path.write_bytes(WAVE)
        assert shell("mara", "catalogue", "register", path, "--artist", "Ada", "--yes") == 0
        assert "checked by headers only, not decoded: silence, damage" in shell.err

    def test_names_are_shown_safely(self, world, shell, tmp_path):
        path = tmp_path / "a\nb\x1b[31m [Live] \u202egpj\udce9.wav"
        path.write_bytes(self.TAG + WAVE)
        done = shell.json("mara", "catalogue", "register", path, "--yes")
        shown = r"a\nb\x1b[31m [Live] \u202egpj\udce9.wav"
        assert done["registered"][0]["file"] == f"{tmp_path}/{shown}"
        assert shown in shell.err and "\x1b" not in shell.err
