"""Loads the peers' contracts from their packages.

Sources are compiled with this project's compiler and settings, so that a difference in gas is a
difference in design. A pragma for another 0.8 compiler is changed; nothing else in a source is.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any

from scripts.solidity.compile import SETTINGS, artifact, run_solc
from scripts.solidity.toolchain import MODULES, solc

_IMPORT = re.compile(r"""^import\s[^;]*?["']([^"']+)["'];""", re.MULTILINE)
_PRAGMA = re.compile(r"^pragma solidity 0\.8\.\d+;", re.MULTILINE)


def _sources(first: str) -> dict[str, dict[str, str]]:
    waiting, found = [first], dict[str, dict[str, str]]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = (MODULES / name).read_text(encoding="utf-8")
            found[name] = {"content": _PRAGMA.sub("pragma solidity 0.8.30;", text)}
            folder = posixpath.dirname(name)
            paths = (posixpath.join(folder, i) for i in _IMPORT.findall(text))
            waiting += [posixpath.normpath(path) for path in paths]
    return found


def compiled(source: str, contract: str) -> dict[str, Any]:
    """The artifact of a contract: `abi` and `bytecode`. `source` is its path in node_modules."""
    request = {"language": "Solidity", "sources": _sources(source), "settings": SETTINGS}
    return artifact(run_solc(request, solc())["contracts"][source][contract])


def shipped(path: str) -> dict[str, Any]:
    """An artifact as its authors compiled it, for a package without sources."""
    found = json.loads((MODULES / path).read_text(encoding="utf-8"))
    return {"abi": found["abi"], "bytecode": "0x" + found["bytecode"].removeprefix("0x")}
