"""The whole command line with odd values, where nothing answers: a line and a status, always."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.cli import main as generate
from oracle.adapters.signing.file import FileKey
from oracle.cli.main import main
from oracle.domain.later import TALLY
from scripts.demo.__main__ import arguments as demo_arguments
from scripts.stack.__main__ import parser as stack_parser
from tests.support.deployment_file import NOWHERE, deployment_file
from tests.support.refrain import arguments, commands

ROOT = Path(__file__).resolve().parents[4]
DEAD = "http://127.0.0.1:9"
EVERY = commands()
CHECKED = sorted(
    name for name in EVERY
    # `up` and `deploy` have parsers of their own; the servers take no words.
    if name.split()[0] not in ("up", "deploy") and name not in
    ("oracle serve", "oracle check", "gateway", "node serve")
)  # fmt: skip


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A profile of which nothing answers, and a folder with things that are no plain file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    FileKey.create(tmp_path / "a.key")
    (tmp_path / "deployment.json").write_text(json.dumps(deployment_file(NOWHERE)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    for name, value in {
        "CONFIG": str(tmp_path / "config.toml"), "RPC": DEAD, "API": DEAD,
        "DEPLOYMENT": str(tmp_path / "deployment.json"), "KEY": str(tmp_path / "a.key"),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"REFRAIN_{name}", value)
    return tmp_path


def run(words, capsys):
    capsys.readouterr()
    try:
        code = main(words)
    except SystemExit as ended:  # the audit's own parser
        code = ended.code
    return code, capsys.readouterr()


@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_every_command_ends_with_a_status_and_few_lines(name, data, nowhere, capsys):
    words = data.draw(arguments(EVERY[name]))
    code, printed = run([*name.split(), *words], capsys)
    assert code in (0, 1, 2, 3)
    assert "Traceback" not in printed.err + printed.out
    if code:
        assert 1 <= len(printed.err.splitlines()) <= 4, printed.err
        assert len(printed.err) < 1_000


WRONG = [
    (["consent", "revoke", "--recording", "-1"], "--recording: must be a whole number (found -1)"),
    (["consent", "set", "--recording", "1", "--uses", "300"], "--uses: must be some of"),
    (["consent", "set", "--recording", "1", "--max-share", "101%"], "--max-share: must be at most"),
    (["consent", "floors", "-5", "--recording", "1"], "No such option: -5"),
    (["consent", "floors", "--recording", "1", "--", "-5"], "PER_SECOND: must be an amount"),
    (["consent", "floors", "1e9", "--recording", "1"], "PER_SECOND: must be an amount"),
    (["app", "quote", "--prompt", "x", "--length", "1e9", "--reference", "1"],
     "--length: must be a whole number (found 1e9)"),
    (["app", "fund", "-1"], "No such option: -1"), (["app", "fund", "NaN"], "AMOUNT: must be"),
    (["balance", "ada.eth"], "ADDRESS: must be an address"),
    (["catalogue", "show", "9" * 5_000], "RECORDING: must be a whole number"),
    (["catalogue", "show", "x" * 5_000], "RECORDING: must be a whole number"),
    (["consent", "revoke"], "Missing option '--recording'; see `refrain consent revoke --help`"),
    (["--" + "x" * 5_000], "No such option: --xxx"), (["nosuch"], "No such command 'nosuch'"),
    (["key", ""], "PATH: must name a file"), (["split", "create", "x"], "must be written as"),
    (["node", "generate"], "Missing option '--reference'"),
    (["audit", "--ledger", "x"], "argument --ledger: must be an address"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), WRONG, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("columns", ["20", "200"])
def test_a_wrong_argument_is_one_line_and_status_2(
    words, said, columns, nowhere, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", columns)
    code, printed = run(words, capsys)
    assert (code, printed.out) == (2, "") and said in printed.err
    assert len(printed.err.splitlines()) == 1 and len(printed.err) < 450


@pytest.mark.parametrize(
    ("words", "code"),
    [(["generate", "--reference", "x", "--out", ""], 1), (["analyse", "/nowhere"], 1),
     (["generate"], 2), (["--x"], 2), (["nosuch"], 2), (["render", "\0", "--references", "/"], 2),
     (["generate", "--reference", "a=1", "--out", "o", "--length", "1e9"], 2),
     (["generate", "--reference", "a=1", "--out", "o", "--seed", "9" * 5_000], 2),
     (["generate", "--reference", "=", "--out", "o"], 1), (["analyse", "x" * 5_000], 1),
     (["generate", "--reference", "nobody=1", "--out", "o", "--engine", "é\x1b"], 1)],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_the_generator_says_in_a_line_what_is_wrong(words, code, nowhere, capsys):
    assert generate(words) == code
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1 and len(printed.err) < 450
    assert "\x1b" not in printed.err


@pytest.mark.parametrize("parse", [
    lambda words: stack_parser("make up").parse_args(words), demo_arguments,
])  # fmt: skip
@pytest.mark.parametrize(
    "words", [["--state", ""], ["--state"], ["--nope"], ["x"], ["--catalogue", "\0"],
              ["--" + "x" * 5_000], ["--catalogue", "a", "y" * 5_000]],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_stack_and_demo_say_in_a_line_what_is_wrong(parse, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(words)
    printed = capsys.readouterr()
    assert ended.value.code == 2 and printed.out == ""
    assert len(printed.err.splitlines()) == 1 and len(printed.err) < 450


def test_the_home_folder_is_known_to_stack_and_demo(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    found = stack_parser("make up").parse_args(["--state", "~/a:b", "--catalogue", "~/songs"])
    assert (str(found.state), str(found.catalogue)) == ("/home/ada/a:b", "/home/ada/songs")
    assert str(demo_arguments(["--out", "~/out"]).out) == "/home/ada/out"


OUTPUTS = [
    ("--version >&-", 0, 0), ("--help | head -1", 0, 0), ("--version >/dev/full", 1, 1),
    ("--help >/dev/full", 1, 1), ("consent revoke --recording -1 2>&-", 2, 0),
    ("consent revoke --recording -1 2>/dev/full", 2, 0), ("balance ünäme", 2, 1),
    ("--help >&- 2>&- <&-", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "lines"), OUTPUTS, ids=lambda value: str(value))
def test_an_output_that_takes_nothing_changes_the_status_only(line, status, lines, nowhere):
    start = "from oracle.cli.main import main; raise SystemExit(main())"
    program = f"'{sys.executable}' -c '{start}' {line}; exit ${{PIPESTATUS[0]}}"
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0",
                  "PYTHONUTF8": "0", "COLUMNS": "20"}  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, errors="replace",
        env={**os.environ, **ascii_only, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert len(done.stderr.splitlines()) == lines and "Traceback" not in done.stderr


def test_a_letter_that_the_output_lacks_is_an_escape():
    program = "from oracle.domain import streams; streams.prepare(); print('Bj\u00f6rk \u266b')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "Bj\\xf6rk \\u266b\n"


def test_pauses_are_counted_apart_from_the_result(nowhere, capsys, monkeypatch):
    def busy(path):
        TALLY.add("the chain")
        TALLY.add("the chain")
        return real(path)

    real = FileKey.create
    monkeypatch.setattr(FileKey, "create", busy)
    TALLY.add("a service of an earlier command")
    code, printed = run(["key", "new.key"], capsys)
    assert code == 0 and printed.out.startswith("0x")
    assert printed.err == "Busy, and asked again: the chain 2 times.\n"
