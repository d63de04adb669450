"""What is printed: no markup, no control characters, JSON on request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.cli.output import Output, facts, table
from oracle.domain.text import plain

NASTY = "Song [feat. Ada] [bold]x[/bold] [/] :smile: \x1b[31m\r\n\u202egnp.wav \udcff"


@given(st.text())
def test_what_is_shown_has_no_control_character(text):
    shown = plain(text)
    assert shown.isprintable() or all(letter.isprintable() or letter in shown for letter in shown)
    assert not any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in shown)


def test_plain_text_stays():
    assert plain("Søng [feat. Ada] 音楽 ♪") == "Søng [feat. Ada] 音楽 ♪"
    assert plain("a\x1b[31m\u202eb\udcff") == r"a\x1b[31m\u202eb\udcff"


@pytest.mark.parametrize(
    "item", [NASTY, facts([("title", NASTY)], NASTY), table((NASTY,), [(NASTY,)], NASTY)]
)
def test_brackets_stay_and_escapes_are_shown(item, capsys):
    Output().result({}, item)
    out = capsys.readouterr().out
    assert "Song [feat. Ada] [bold]x[/bold] [/] :smile:" in out
    assert "\x1b" not in out and "\u202e" not in out and r"\udcff" in out


def test_json_is_one_document_on_stdout_and_notes_go_to_stderr(capsys):
    out = Output(as_json=True)
    out.note("progress")
    out.result({"title": NASTY}, "not shown")
    printed, told = capsys.readouterr()
    assert json.loads(printed) == {"title": NASTY} and told == "progress\n"


def test_a_pipe_gets_whole_lines(capsys):
    Output().result({}, "x" * 500)
    assert capsys.readouterr().out == "x" * 500 + "\n"


def test_no_colour_in_a_pipe(capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    Output().result({}, table(("a",), [("b",)], "title"))
    assert "\x1b" not in capsys.readouterr().out
