"""The run of `make up`: start or continue the stack, register the catalogue, wait, stop."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from oracle.domain.errors import RefrainError
from oracle.domain.text import plain
from scripts.solidity.anvil import ChainError
from scripts.stack.app_account import make_funded_app
from scripts.stack.catalogue_folder import Catalogue, Offer, OfferError
from scripts.stack.console import Console
from scripts.stack.layout import ROOT, Layout
from scripts.stack.paths import WrongPath, check_file, checked_state, fault_at, vaults_of
from scripts.stack.processes import ProcessFailed
from scripts.stack.registration import fingerprint, offers_of, register_offers
from scripts.stack.signals import uninterrupted
from scripts.stack.stack import Stack
from scripts.stack.state import RECORDINGS, StackRunning, fresh_state, kept_state

Row = Mapping[str, Any]
STATE = ROOT / ".refrain" / "up"
FAULTS = (OfferError, ProcessFailed, StackRunning, WrongPath)
SILENCE = (ChainError, RefrainError, httpx.HTTPError)
"""What a client of a part raises if the part ends or does not answer; its log says why."""


def run(arguments: Namespace, prog: str = "make up") -> int:
    """Runs the stack until a signal; 1 and one line when it cannot start or a part ends.

    Args:
        prog: the command as the person typed it, for the line that says why it failed.
    """
    console = Console()
    try:
        return _run(arguments, console)
    except FAULTS as fault:
        reason = str(fault)
    except SILENCE as fault:
        reason = f"{fault}; logs: {shown(arguments.state / 'logs')}"
    except OSError as fault:
        reason = fault_at(fault, arguments.state)
    console.failed(f"{prog} failed: {reason}")
    return 1


def _run(arguments: Namespace, console: Console) -> int:
    state = checked_state("--state", arguments.state)
    check_file("--json", arguments.json)
    catalogue = offers_of(arguments.catalogue, console)  # a wrong folder must not cost the state
    (kept_state if arguments.keep else fresh_state)(state, console.line)
    stack = Stack(state, vaults_of(state, STATE), keep=arguments.keep)
    return _hold(stack, arguments.json, catalogue, console)


def _hold(stack: Stack, path: Path, catalogue: Catalogue, console: Console) -> int:
    try:
        stack.start(console.line)
        recordings = registered(stack, catalogue, console)
        _write(path, stack.describe() | {"recordings": recordings})
        for item in catalogue.left_out:
            console.left_out(str(item))
        _say_what_next(path, stack, recordings, console)
        return _wait(stack, console)
    finally:
        with uninterrupted():
            _clean_up(path, stack, console)


def _clean_up(path: Path, stack: Stack, console: Console) -> None:
    try:
        path.unlink(missing_ok=True)
    finally:  # also when the folder of the file does not permit it any more
        _stop(stack, console)


def _stop(stack: Stack, console: Console) -> None:
    try:
        console.line("stopping every part")
    finally:  # also when nobody reads the output any more
        stack.stop()


def registered(stack: Stack, catalogue: Catalogue, console: Console) -> list[Row]:
    """The recordings on chain: those of the run that continues, and files that are new."""
    noted = stack.folder / RECORDINGS
    known: list[Row] = json.loads(noted.read_text()) if noted.exists() else []
    if not noted.exists():
        make_funded_app(stack)
        console.line("the account `app` has ether, $100 in its wallet and $100 in escrow")
    if offers := new_offers(catalogue.offers, known):
        made = register_offers(stack, offers, console, catalogue.left_out)
        known += [item.describe() for item in made]
        _write(noted, known)
    if not known:
        raise OfferError("CATALOGUE: the nodes refused every file; the lines above say why")
    return known


def new_offers(offers: Sequence[Offer], known: Sequence[Row]) -> list[Offer]:
    """The offers whose file, by its whole path and its content, is in no row."""
    files = {(row["file"], row["sha256"]) for row in known}
    return [offer for offer in offers
            if (plain(offer.path.resolve()), fingerprint(offer.path)) not in files]


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)  # it may lie in the state, which is new
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(content, indent=1))
    draft.replace(path)


def _wait(stack: Layout, console: Console) -> int:
    """Until a signal, or until a part ends by itself: then 1, and the end of its log is shown."""
    while not (ended := stack.processes.ended()):
        time.sleep(0.5)
    console.failed(f"{ended[0]} ended by itself; the end of its log:")
    console.rich.print(stack.processes.log_tail(ended[0]), markup=False)
    return 1


def _say_what_next(path: Path, stack: Stack, rows: Sequence[Row], console: Console) -> None:
    console.line(f"the stack runs, with {len(rows)} recordings; Ctrl-C stops it")
    console.line(f"addresses and key files: {shown(path)}; logs: {shown(stack.folder / 'logs')}")
    console.line("try, in another terminal:")
    for command in commands(shown(path), rows[0]["recording"]):
        console.plain(f"          {command}")


def commands(described: str, recording: int) -> list[str]:
    """Three commands that a newcomer can try: choose the app's account, order, audit."""
    beside = shown(Path(sys.executable).parent / "refrain")
    refrain = "refrain" if shutil.which("refrain") else shlex.quote(beside)
    return [
        f"{refrain} init --stack {shlex.quote(described)} --as app",
        f"{refrain} app order --prompt 'a slow dawn' --length 10 --reference {recording}=100%",
        f"{refrain} audit",
    ]


def shown(path: Path) -> str:
    """A path as people type it: relative if it is below the working folder."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
