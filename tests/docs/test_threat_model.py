"""Every attack of `tests/attacks` is in the threat model, and every test that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(test_\w+)`")


def names_below(folder):
    """Names of the tests in a folder, those of classes included."""
    found = [
        re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)
        for path in folder.rglob("test_*.py")
    ]
    return {name for names in found for name in names}


def test_the_threat_model_names_each_attack_once():
    page = (ROOT / "docs" / "threat-model.md").read_text()
    tried = NAMED.findall(page.split("\n## Attacks tried, each with its test\n", 1)[1])
    assert len(tried) == len(set(tried))
    assert names_below(ROOT / "tests" / "attacks") <= set(tried) <= names_below(ROOT / "tests")
