"""Other people's ways of dividing money, to measure ours beside.

`PaymentSplitter` of OpenZeppelin 4.9 is compiled here with our settings and run. 0xSplits v2 is not
to be had from a package registry, so its figures are quoted: receipts of its Pull flow over the
same token, taken once with the same compiler settings.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from scripts.compile import SETTINGS, artifact, run_solc
from scripts.toolchain import MODULES, solc

PACKAGE = "openzeppelin-4"
SPLITTER = f"{PACKAGE}/finance/PaymentSplitter.sol"

# Gas of one distribution to n recipients by 0xSplits v2 Pull: recipients paid before, and never.
QUOTED_LATER = {2: 85_000, 10: 160_000, 100: 1_008_000}
QUOTED_FIRST = {100: 2_760_000}

_IMPORT = re.compile(r"""^import\s[^;]*?["']([^"']+)["'];""", re.MULTILINE)


def _sources() -> dict[str, dict[str, str]]:
    waiting, found = [SPLITTER], dict[str, dict[str, str]]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = (MODULES / name).read_text(encoding="utf-8")
            found[name] = {"content": text}
            folder = posixpath.dirname(name)
            paths = (posixpath.join(folder, i) for i in _IMPORT.findall(text))
            waiting += [posixpath.normpath(path) for path in paths]
    return found


def payment_splitter() -> dict[str, Any]:
    """The artifact of PaymentSplitter: `abi` and `bytecode`."""
    request = {"language": "Solidity", "sources": _sources(), "settings": SETTINGS}
    return artifact(run_solc(request, solc())["contracts"][SPLITTER]["PaymentSplitter"])
