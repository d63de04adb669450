"""Claims of the documentation are tests: settings, stages, reasons, commands and files exist."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from generator.attribution import METHODS
from generator.engines import ENGINES
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.keystore import SIGNERS
from oracle.domain.attribution import RULES
from oracle.domain.consent import TIERS
from oracle.domain.generation import Stage
from scripts.deploy.create import MODULES
from scripts.deploy.plan import ADMIN, FUNCTIONS
from scripts.solidity.compile import compile_contracts
from tests.docs.pages import PAGES, ROOT, anchors, blocks, inline, links, name_of

SOURCES = [p for folder in ("oracle", "generator") for p in (ROOT / folder).rglob("*.py")]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
MOST_LINES_OF_README = 120
LANGUAGES = {"", "sh", "console", "python", "text", "mermaid", "markdown"}
COMMAND = re.compile(r"^(?:\$ )?(?:refrain|make|python|pip|curl) ", re.MULTILINE)


def text(*names):
    return "\n".join((ROOT / name).read_text() for name in names)


def everything():
    return "\n".join(page.read_text() for page in PAGES)


def settings_in(paths):
    names = {name for path in paths for name in re.findall(r"REFRAIN_[A-Z_]+", path.read_text())}
    return {name.rstrip("_") for name in names}


def test_the_settings_page_has_every_setting_and_no_other():
    readers = ("settings.py", "connections.py", "front.py")
    code = settings_in(path for path in SOURCES if path.name in readers)
    client = settings_in((ROOT / "oracle" / "client").glob("*.py"))
    rows = set(re.findall(r"^\| `(REFRAIN_[A-Z_]+)`", text("docs/reference/settings.md"), re.M))
    assert rows == code | client


def test_settings_that_pages_name_exist():
    known = settings_in(SOURCES)
    for page in PAGES:
        if page.name != "CHANGELOG.md":
            assert settings_in([page]) <= known, name_of(page)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_anchors_lead_somewhere(page):
    for target in links(page):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


def test_the_index_links_every_page():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in links(index)}
    decisions = ROOT / "docs" / "adr"
    pages = {page for page in (ROOT / "docs").rglob("*.md") if page.parent != decisions}
    assert pages - linked == {index}


def test_the_index_of_decisions_has_every_decision():
    folder = ROOT / "docs" / "adr"
    titles = {}
    for path in sorted(folder.glob("0*.md")):
        number, title = re.match(r"# (\d+)\. (.+)\n", path.read_text()).groups()
        assert path.name.startswith(f"{int(number):04}-")
        titles[path.name] = (number, title)
    row = re.compile(r"^\| \[(\d+)\]\(([^)]+)\) \| (.+) \|$", re.MULTILINE)
    rows = {name: (number, title) for number, name, title in
            row.findall(text("docs/adr/README.md"))}  # fmt: skip
    assert rows == titles


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_command_hides_in_a_block_that_nothing_checks(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, block.language
        if block.language in ("", "text"):
            assert not COMMAND.search(block.text), block.text


def test_make_targets_named_in_the_docs_exist():
    named = set(re.findall(r"(?:^|[`$] ?)make ([a-z][a-z-]*)", everything(), re.MULTILINE))
    assert {"demo", "test", "up", "check", "bench-gas", "audit-zipapp"} <= named
    for target in named:
        result = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr


def test_modules_started_in_the_docs_exist():
    named = set(re.findall(r"python -m ([\w.]+)", everything()))
    for module in named - {"pytest", "refrain_audit"}:
        if module in text("CHANGELOG.md"):
            continue
        folder = ROOT / module.replace(".", "/")
        assert folder.with_suffix(".py").exists() or (folder / "__main__.py").exists(), module
    assert "scripts.reference" in named


def test_python_in_the_docs_names_what_exists():
    for page in PAGES:
        for block in blocks(page):
            if block.language == "python":
                imports = re.findall(r"^from .+ import .+$", block.text, re.MULTILINE)
                assert imports
                subprocess.run([sys.executable, "-c", "\n".join(imports)], cwd=ROOT, check=True)


@pytest.mark.parametrize(("table", "name", "page"), [
    (ENGINES, "ENGINES", "generator/engines/__init__.py"),
    (METHODS, "METHODS", "generator/attribution/__init__.py"),
    (PINNERS, "PINNERS", "oracle/adapters/pinning/__init__.py"),
    (SIGNERS, "SIGNERS", "oracle/adapters/signing/keystore.py"),
])  # fmt: skip
def test_a_new_part_needs_one_file_and_one_line(table, name, page):
    assert f"`{name}` in `{page}`" in text("docs/contributing.md")
    assert table
    assert re.search(rf"^{name}\b", text(page), re.MULTILINE)


def test_files_named_in_the_docs_exist():
    tops = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
    path = re.compile(rf"^(?:{tops})/[\w./-]*$")
    for page in PAGES:
        if page.name != "CHANGELOG.md":
            for code in inline(page):
                if path.match(code):
                    assert (ROOT / code).exists(), f"{name_of(page)}: {code}"


def test_words_of_the_api_are_in_the_docs():
    said = everything()
    for word in [*RULES, *TIERS, *(stage.value for stage in Stage)]:
        assert f"`{word}`" in said, word


def test_the_readme_is_short():
    assert len(text("README.md").splitlines()) <= MOST_LINES_OF_README


def test_the_readme_says_what_each_extra_installs_and_why():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    asked = {"(base)": project["dependencies"], **project["optional-dependencies"]}
    row = re.compile(r"^\| (\(base\)|`\w+`) \| [^|]+ \| ([^|]+) \| ", re.MULTILINE)
    said = {extra.strip("`"): set(re.findall(r"`([\w-]+)`", packages))
            for extra, packages in row.findall(text("README.md"))}  # fmt: skip
    del asked["proof"]
    wanted = {extra: {re.match(r"[\w-]+", package)[0] for package in packages}
              for extra, packages in asked.items()}  # fmt: skip
    assert said == wanted


def test_every_package_of_the_readme_is_pinned():
    pinned = {line.split("==")[0].lower().replace("_", "-")
              for line in text("scripts/constraints.txt").splitlines() if "==" in line}
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = {name: found for name, found in project["optional-dependencies"].items()
              if name != "proof"}  # fmt: skip
    named = {re.match(r"[\w-]+", package)[0].lower()
             for packages in [project["dependencies"], *extras.values()] for package in packages}
    assert named <= pinned


def functions(contract):
    found = json.loads((compile_contracts() / f"{contract}.json").read_text())["abi"]
    return {item["name"]: item for item in found if item["type"] == "function"}


def selector(function):
    kinds = ",".join(map(collapse_if_tuple, function["inputs"]))
    return "0x" + keccak(text=f"{function['name']}({kinds})")[:4].hex()


def test_the_table_of_roles_is_what_is_deployed():
    row = re.compile(r"^\| \w+ \| (\d) \| [^|]+ \| ([^|;]+)", re.MULTILINE)
    rows = row.findall(text("docs/guides/operator.md"))
    said = {int(number): set(re.findall(r"`(\w+)`", calls)) for number, calls in rows}
    admin = said.pop(ADMIN)
    assert said == {role: set(names) for role, (_, names) in FUNCTIONS.items()}
    assert admin <= set(functions("RoyaltyLedger")) - set().union(*said.values())


def test_calls_named_in_the_guides_exist():
    contracts = ("RoyaltyLedger", "RightsSplits", "DisputeCourt", "TrainingPool", "RoyaltyLens",
                 "TimelockController")
    known = set().union(*map(functions, contracts))
    camel = re.compile(r"[a-z]+[A-Z]\w*")
    fields = {"generatedAt", "releaseAbove"}
    called = {code for page in GUIDES for code in inline(page) if camel.fullmatch(code)}
    assert {"addGrounds", "proveEquivocation", "activateSet", "requestExit"} <= called
    assert called - fields <= known
    lens = text("docs/guides/auditor.md").split("The lens (`lens`", 1)[1].split("events", 1)[0]
    named = set(re.findall(r"`([a-z]\w+)`", lens))
    assert len(named) >= 12
    assert named <= set(functions("RoyaltyLens"))


def test_settle_is_first_among_the_selectors():
    found = functions("RoyaltyLedger")
    first = min(map(selector, found.values()))
    assert first == selector(found["settle"])
    assert f"`{first}`" in text("docs/adr/0012-settle-is-first-in-the-dispatch.md")
    assert len(found) > 70


def test_the_ledger_has_the_modules_that_the_docs_name():
    said = text("docs/adr/0010-the-ledgers-code-in-modules.md")
    getters = {"PayoutModule": "purseModule"}  # the function keeps the module's first name
    for module in MODULES:
        assert module.removesuffix("Module").lower() in said
        getter = getters.get(module, f"{module[0].lower()}{module[1:]}")
        assert getter in functions("RoyaltyLedger")


def test_the_readmes_gas_is_the_committed_gas():
    committed = json.loads(text("docs/reports/gas.json"))
    row = re.compile(r"^\| Refrain, first and later alike \|(.*)\|$", re.MULTILINE)
    [figures] = row.findall(text("README.md"))
    gas = [committed[f"settle {size} later"]["ours"] for size in (2, 10, 100)]
    said = [int(number) for number in re.findall(r"(\d+)k", figures)]
    assert said == [round(each / 1000) for each in gas]


@pytest.mark.parametrize("said", ["There is no dispute window", "no dispute window yet",
                                  "Credits can be withdrawn at once", "runbook.md",
                                  "python -m oracle.cli.client", "REFRAIN_ARTIFACTS"])
def test_what_is_gone_is_not_in_the_docs(said):
    for page in PAGES:
        if page.name != "CHANGELOG.md":
            assert said not in page.read_text(), name_of(page)


def stage_names():
    return {stage.value for stage in Stage}


def named_in(picture):
    """Commands, modules, files, routes and stages that a picture names."""
    labels = re.findall(r"<br/>(?:<i>)?([^<\"\n]+)", picture)
    return [label for label in labels if label not in ("manifest",)]


def exists(name):
    if name.startswith("refrain "):
        from scripts.reference.cli import commands

        return any(command == name[8:] or command.startswith(f"{name[8:]} ")
                   for command in commands())  # fmt: skip
    path = ROOT / (name if "/" in name else name.replace(".", "/"))
    return path.exists() or path.with_suffix(".py").exists()


def test_pictures_name_only_what_exists():
    pictures = [block.text for block in blocks(ROOT / "docs" / "architecture.md")
                if block.language == "mermaid"]  # fmt: skip
    assert len(pictures) == 2
    for picture in pictures:
        nodes = re.findall(r"^\s+(?:participant )?\w+(?:\[| as )", picture, re.MULTILINE)
        found = named_in(picture)
        assert len(found) == len(nodes) >= 7
        assert [name for name in found if not exists(name)] == []


def test_the_stages_of_the_sequence_are_the_pipelines():
    sequence = blocks(ROOT / "docs" / "architecture.md")[1].text
    shown = re.findall(r"\((?:stage )?(\w+)\)$", sequence, re.MULTILINE)
    assert shown == ["ordered", "consented", "generated", "published", "signed", "posted",
                     "confirmed", "settled"]
    assert set(shown) <= stage_names()


@pytest.mark.parametrize("package", ["oracle", "generator"])
def test_the_layers_of_the_page_are_the_checked_ones(package):
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [layers] = [found["layers"] for found in contracts if found.get("containers") == [package]]
    wanted = [[f"{package}.{name.strip()}" for name in layer.split("|")] for layer in layers]
    shown = [block.text for block in blocks(ROOT / "docs" / "architecture.md")
             if block.text.startswith(f"{package}.cli\n")]  # fmt: skip
    assert [line.split() for line in shown[0].splitlines()] == wanted


def test_routes_named_in_the_docs_are_on_the_page_of_the_api():
    api = text("docs/reference/http-api.md")
    for page in [*GUIDES, ROOT / "docs" / "quickstart.md", ROOT / "docs" / "architecture.md"]:
        for method, path in re.findall(r"\b(GET|POST|PUT) (/v1/[\w/{}]+)", page.read_text()):
            assert f"`{method} {path}`" in api, f"{name_of(page)}: {method} {path}"


