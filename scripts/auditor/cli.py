"""The command line: reads the options, runs the audit, writes the verdicts.

Only the standard library is imported at once, so that `--help` and the message about a missing
package need nothing installed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .report import Report

PACKAGES = {"eth_abi": "eth-abi", "eth_account": "eth-account", "eth_keys": "eth-keys",
            "eth_utils": "eth-utils", "httpx": "httpx"}
"""The packages that every audit needs: the name in Python and the name to install."""
REFERENCES = {"numpy": "numpy", "scipy": "scipy", "soundfile": "soundfile"}
"""The packages that --references needs on top."""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the command line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"Wrong usage: {message[:300]}; see `{self.prog} --help`\n")


def _like(pattern: str, meant: str) -> Callable[[str], str]:
    """A reader of options that match `pattern`; `meant` describes them."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise argparse.ArgumentTypeError(f"must be {meant} (found {text[:80]!a})")
        return text

    return read


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, labels = parts.hostname or "", (parts.hostname or "").removesuffix(".").split(".")
        good = (parts.scheme in ("http", "https") and parts.port != 0
                and not re.search(r"[\s\x00-\x1f\x7f]", text)
                and (":" in host or all(0 < len(label) < 64 for label in labels)))
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError("must be an http or https URL")
    return text


def _blocks(text: str) -> int:
    return int(_like("[0-9]{1,9}", "a whole number of blocks")(text))


def _seconds(text: str) -> int:
    return int(_like("[0-9]{1,12}", "a whole number of seconds")(text))


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("must be a path")
    return Path(os.path.expanduser(text))


_address = _like("0[xX][0-9a-fA-F]{40}", "an address of 20 bytes in 0x-hex")
_order = _like("0[xX][0-9a-fA-F]{64}", "0x and 64 hex digits")


def parser_of(prog: str | None = None, needed: bool = True) -> argparse.ArgumentParser:
    """The parser of the options.

    Args:
        needed: --rpc and --ipfs have to be given; a program that fills them in says False.
    """
    parser = Parser(
        prog=prog, description="Recompute a ledger's payouts, field by field."
    )
    parser.add_argument("--rpc", required=needed, type=_url, help="Ethereum JSON-RPC over HTTP")
    parser.add_argument("--ledger", type=_address, help="address; or take it from --deployment")
    parser.add_argument("--deployment", type=_path, help="JSON with ledger, token, splits, block")
    parser.add_argument("--ipfs", required=needed, help="gateway URL, folder of blocks or of files")
    parser.add_argument("--generation", type=_order, action="append", default=[],
                        help="default: all settled")
    parser.add_argument("--statement", type=_path, action="append", default=[], metavar="FILE.csv",
                        help="named after its payee, 0x...csv")
    parser.add_argument("--references", type=_path, help="folder of references, to render again")
    parser.add_argument("--confirmations", type=_blocks, default=0, help="blocks to leave out")
    parser.add_argument("--head", type=_order, metavar="HASH",
                        help="hash of the newest block to audit, from a source that you trust")
    parser.add_argument("--rpc2", type=_url, metavar="URL",
                        help="a second RPC, which must have the same block as head")
    parser.add_argument("--prove", choices=("none", "state", "named", "all"), default="state",
                        help="what must follow from the head's hash: nothing, the end state "
                             "(default), the events of the generations too, or all events")
    parser.add_argument("--require", choices=("money", "content", "sound"), default="content",
                        help="what must agree for exit status 0 (default: money and content)")
    parser.add_argument("--max-age", type=_seconds, default=3_600, metavar="SECONDS",
                        help="how old the newest block may be (default: 3600)")
    parser.add_argument("--json", type=_path, help="write the verdicts there as JSON")
    parser.add_argument("--text", type=_path, help="write what is printed there too")
    return parser


def arguments(words: Sequence[str] | None, prog: str | None = None) -> argparse.Namespace:
    """The options; ends the program with status 2 if the command line is wrong."""
    parser = parser_of(prog)
    options = parser.parse_args(words)
    if not options.ledger and not options.deployment:
        parser.error("one of --ledger and --deployment is needed")
    if options.head and options.confirmations:
        parser.error("--head and --confirmations exclude each other: both name the newest block")
    for option in ("json", "text"):
        path = getattr(options, option)
        if path and not path.absolute().parent.is_dir():
            parser.error(f"--{option} {path}: the folder {path.absolute().parent} does not exist")
        if path and path.is_dir():
            parser.error(f"--{option} {path}: is a folder")
    return options


def missing(options: argparse.Namespace) -> list[str]:
    """The packages that these options need and that are not installed."""
    needed = {**PACKAGES, **(REFERENCES if options.references else {})}
    return [package for name, package in needed.items() if find_spec(name) is None]


def write_files(options: argparse.Namespace, report: Report, text: str) -> None:
    """Writes the files that --text and --json name."""
    from .scope import last_line

    if options.text:
        options.text.write_text(text, encoding="utf-8")
    if options.json:
        rows = {"mismatches": report.mismatches, "unreadable": report.count("unreadable"),
                "unanswered": report.unanswered, "not_checked": report.count("not checked"),
                "scope": report.scope, "verdict": last_line(report).rpartition("; ")[2],
                "verdicts": [asdict(verdict) for verdict in report.verdicts]}
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def main(words: Sequence[str] | None = None, prog: str | None = None) -> int:
    """The exit status: 0 if everything that --require names was checked and agrees.

    1 with a mismatch; 2 where the audit could not start; 3 where something was not checked, so
    that less is known than --require asks for.
    """
    prepare_streams()
    options = arguments(words, prog)
    if packages := " ".join(missing(options)):
        print(f"audit: packages are missing: pip install {packages}", file=sys.stderr)
        return 2
    from .report import Report
    from .run import audit
    from .scope import last_line, status

    text = io.StringIO()
    report = Report([sys.stdout, text])
    audit(options, report, time.time())
    report.line("\n" + last_line(report))
    lost = report.flush()
    try:
        write_files(options, report, text.getvalue())
    except OSError as error:
        lost = f"{error.filename or 'a file'}: {error.strerror}"
    if lost:
        print(f"audit: {lost}", file=sys.stderr)
    return status(report, options.require) or (3 if lost else 0)


def prepare_streams() -> None:
    """A stream that was closed takes everything; a letter that it lacks is shown as an escape."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
