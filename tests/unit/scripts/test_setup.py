"""Set-up: a step runs again only when its inputs change, and no folder outside is emptied."""

import pytest

from scripts import setup


@pytest.fixture
def step(tmp_path, monkeypatch):
    """A step whose result is a file; `runs` counts how often it ran."""
    monkeypatch.setattr(setup, "STATE", tmp_path)
    (tmp_path / "stamps").mkdir()
    made, runs = tmp_path / "made", []

    def act():
        runs.append(1)
        made.write_text("made")

    def of(*inputs):
        return setup.Step("name", "something", inputs, made, act)

    of.made, of.runs = made, runs
    return of


def test_a_step_is_done_until_an_input_changes_or_its_result_is_gone(step):
    assert not step(b"one").done()
    setup.perform(step(b"one"))
    assert step(b"one").done()
    assert not step(b"two").done()
    step.made.unlink()
    assert not step(b"one").done()
    assert len(step.runs) == 1


def test_the_border_between_two_inputs_counts(step):
    setup.perform(step(b"ab", b"c"))
    assert not step(b"a", b"bc").done()


def test_a_step_that_fails_is_not_done(step):
    def fails():
        raise SystemExit("no network")

    broken = setup.Step("name", "something", (b"one",), step.made, fails)
    step.made.write_text("from an earlier run")
    with pytest.raises(SystemExit, match="no network"):
        setup.perform(broken)
    assert not broken.done()


def test_a_linked_environment_is_refused_and_its_target_left_alone(tmp_path, monkeypatch):
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "file").write_text("somebody's")
    link = tmp_path / ".venv"
    link.symlink_to(target)
    monkeypatch.setattr(setup, "VENV", link)
    with pytest.raises(SystemExit, match=f"{link} is a symbolic link to {target}"):
        setup.make_venv()
    assert (target / "file").read_text() == "somebody's"


def test_the_extras_are_those_of_the_project_that_need_no_environment_of_their_own():
    declared = set(setup.project_tables()["project"]["optional-dependencies"])
    assert set(setup.EXTRAS.split(",")) == declared - {"proof"}


def test_settings_of_other_tools_need_no_new_set_up():
    assert set(setup.project_tables()) == {"build-system", "project", "setuptools"}


def test_a_command_that_fails_is_named_with_the_end_of_its_output(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "LOG", tmp_path / "log")
    with pytest.raises(SystemExit) as stopped:
        setup.run(["sh", "-c", "echo no space left; exit 3"], cwd=tmp_path)
    assert "sh -c echo no space left" in str(stopped.value)
    assert "no space left" in str(stopped.value).splitlines()[-2]


def test_what_is_set_for_other_work_does_not_reach_pip_and_npm():
    found = setup.cleaned({
        "PATH": "/bin", "PIP_USER": "1", "PIP_TARGET": "/x", "PIP_INDEX_URL": "https://mirror",
        "PIP_NO_DEPS": "1", "PYTHONPATH": "/y", "PYTHONHOME": "/z", "NODE_ENV": "production",
        "npm_config_prefix": "/p", "HTTP_PROXY": "http://proxy",
    })  # fmt: skip
    assert found == {"PATH": "/bin", "PIP_USER": "0", "PIP_INDEX_URL": "https://mirror",
                     "HTTP_PROXY": "http://proxy"}  # fmt: skip


@pytest.mark.parametrize("home", [None, "", "/proc", "/nowhere", "relative"])
def test_a_user_without_a_home_gets_a_folder(tmp_path, monkeypatch, home):
    def nobody(uid):
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setattr("os.access", lambda place, mode: str(place).startswith(str(tmp_path)))
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    setup.ensure_home(tmp_path / "home")
    assert setup.os.environ["HOME"] == str(tmp_path / "home") and (tmp_path / "home").is_dir()


def test_a_home_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    setup.ensure_home(tmp_path / "other")
    assert setup.os.environ["HOME"] == str(tmp_path) and not (tmp_path / "other").exists()
