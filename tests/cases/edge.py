"""Browsers, proxies, busy services, odd places and arguments, as people meet them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import httpx

from tests.cases.case import Case, Make, Place, Run, audited
from tests.cases.edge_places import SHOP
from tests.cases.programs import Result, in_process

ROOT = Path(__file__).resolve().parents[2]
DEAD = "http://127.0.0.1:9"
SHOWN = (
    "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin",
    "access-control-expose-headers", "content-length", "content-type", "location",
)  # fmt: skip
"""Headers that a case of HTTP prints."""


def nothing(folder: Path, place: Place) -> None:
    """No input."""


def order(form: str) -> Make:
    """A signed order in a file."""

    def make(folder: Path, place: Place) -> None:
        (folder / "order.json").write_bytes(place["orders"][form])

    return make


def http(words: list[str], folder: Path) -> Result:
    """A method, a URL and headers such as ``Origin:https://a.example``; ``@file`` is the body."""
    method, url, *more = words
    headers = dict(word.split(":", 1) for word in more if not word.startswith("@"))
    data = next((Path(word[1:]).read_bytes() for word in more if word.startswith("@")), None)
    if data is not None:
        headers["Content-Type"] = "application/json"
    answer = httpx.request(method, url, headers=headers, content=data, trust_env=False, timeout=60)
    shown = [f"{name}: {answer.headers[name]}" for name in SHOWN if name in answer.headers]
    lines = [f"{answer.status_code} {answer.reason_phrase}", *shown, answer.text]
    return Result(int(answer.status_code >= 400), "\n".join(lines))


def with_variables(run: Run, **variables: str) -> Run:
    """The same with variables of the environment."""

    def started(words: list[str], folder: Path) -> Result:
        values = {name: text.replace("FOLDER", str(folder)) for name, text in variables.items()}
        with patch.dict(os.environ, values):
            return run(words, folder)

    return started


def without_home(words: list[str], folder: Path) -> Result:
    """As a user whose id has no entry in passwd, without HOME."""

    def absent(uid: int) -> None:
        raise KeyError(uid)

    kept = {name: value for name, value in os.environ.items()
            if name not in ("HOME", "XDG_CONFIG_HOME", "REFRAIN_CONFIG")}  # fmt: skip
    with patch.dict(os.environ, kept, clear=True), patch("pwd.getpwuid", absent):
        return in_process(words, folder)


def shell(words: list[str], folder: Path) -> Result:
    """A line of the shell in the folder; ``refrain`` and ``python`` are the ones of the tests."""
    start = "import sys; from oracle.cli.main import main; sys.exit(main())"
    python = f"python() {{ '{sys.executable}' \"$@\"; }}"
    refrain = f"{python}; refrain() {{ python -c '{start}' \"$@\"; }}"
    environment: Mapping[str, str] = {
        **os.environ, "PYTHONPATH": str(ROOT), "REFRAIN_CONFIG": str(folder / "config.toml"),
        "REFRAIN_RPC": DEAD,
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{refrain}; {' '.join(words)}"], cwd=folder,
        env=environment, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    return Result(done.returncode, done.stdout + done.stderr)


AUDIT = "refrain-audit --ipfs {ipfs} --ledger {ledger} --rpc "
Says = tuple[str, ...]


def asked(name: str, about: str, command: str, *says: str, make: Make = nothing) -> Case:
    """A request that is answered."""
    return Case(name, about, make, command, 0, says, http, "web")


def failed(name: str, about: str, command: str, *says: str) -> Case:
    """A request that is refused."""
    return Case(name, about, nothing, command, 1, says, http, "web")


def wrong(name: str, about: str, command: str, says: str, run: Run = in_process) -> Case:
    """A wrong command line: status 2 and one line."""
    return Case(name, about, nothing, command, 2, (says,), run)


def typed(name: str, about: str, line: str, status: int, *says: str) -> Case:
    """A line of the shell."""
    return Case(name, about, nothing, line, status, says, shell)


PREFLIGHT = f"Origin:{SHOP} Access-Control-Request-Method:"
ACCEPTED = ("202 Accepted", "content-type: application/json")

WEB = [
    asked("inline_raw", "the empty inline block with which clients probe a gateway",
          "GET {gateway}/ipfs/bafkqaaa?format=raw", "200 OK", "content-length: 0",
          "content-type: application/vnd.ipld.raw"),
    asked("inline_head", "the same without a body", "HEAD {gateway}/ipfs/bafkqaaa?format=raw",
          "200 OK", "content-length: 0", "content-type: application/vnd.ipld.raw"),
    asked("inline_bytes", "a CID that holds five bytes",
          "GET {gateway}/ipfs/bafkqablimvwgy3y", "200 OK", "content-length: 5", "hello"),
    failed("inline_wrong", "a CID that says six bytes and holds five",
           "GET {gateway}/ipfs/bafkqabtimvwgy3y", "400 Bad Request"),
    asked("preflight", "a browser asks whether a page may place an order",
          "OPTIONS {api}/refrain/v1/generations " + PREFLIGHT + "POST "
          "Access-Control-Request-Headers:content-type,idempotency-key", "200 OK",
          "access-control-allow-methods: GET, POST, DELETE",
          f"access-control-allow-origin: {SHOP}"),
    failed("preflight_stranger", "the same for a page that the operator did not list",
           "OPTIONS {api}/v1/generations Origin:https://evil.example "
           "Access-Control-Request-Method:POST", "400 Bad Request", "Disallowed CORS origin"),
    asked("preflight_range", "a player asks whether it may read a part of a file",
          "OPTIONS {gateway}/ipfs/bafkqaaa " + PREFLIGHT + "GET "
          "Access-Control-Request-Headers:range", "200 OK", "access-control-allow-origin: *"),
    failed("page_reads_error", "a page reads why the gateway has no file",
           f"GET {{gateway}}/ipfs/nothing Origin:{SHOP}", "400 Bad Request",
           "access-control-allow-origin: *", "content-type: application/problem+json"),
    failed("page_reads_404", "a page reads that an order is not known",
           f"GET {{api}}/v1/generations/0x{'ab' * 32} Origin:{SHOP}", "404 Not Found",
           f"access-control-allow-origin: {SHOP}"),
    asked("prefix_location", "an order through a proxy below /refrain",
          "POST {api}/refrain/v1/generations @{folder}/order.json", *ACCEPTED,
          make=order("v27")),
    asked("signature_v0", "a wallet that ends its signature in v 0 or 1",
          "POST {api}/v1/generations @{folder}/order.json", *ACCEPTED, make=order("v0")),
    asked("signature_64", "a wallet that makes signatures of 64 bytes",
          "POST {api}/v1/generations @{folder}/order.json", *ACCEPTED, make=order("compact")),
]  # fmt: skip

BUSY = [
    Case("rpc_429", "an RPC that answers two of three requests with 429 and Retry-After", nothing,
         AUDIT + "{busy_rpc}", 0, (audited(),), place="busy"),
    Case("rpc_429_always", "an RPC that asks for a minute before each answer", nothing,
         AUDIT + "{bad_gateway}", 3,
         ("UNREADABLE history: RPC eth_chainId: busy (HTTP 502), asked 5 times",
          audited(0, 1, "incomplete")),
         place="busy"),
    Case("rpc_429_client", "the same for a command", nothing,
         "refrain audit --ipfs {ipfs} --ledger {ledger} --rpc {shut_rpc}", 3,
         ("Unavailable: rpc: no chain answers at SHUT_RPC (the chain asks for a pause of 60 s) "
          "(found HTTP 429)",), place="busy"),
    Case("rpc_password", "an RPC URL with a user and a password", nothing,
         AUDIT + "{secret_rpc}", 0, (audited(),), place="busy"),
    Case("http_proxy", "a proxy in the environment that does not answer", nothing,
         AUDIT + "{rpc}", 0, (audited(),),
         with_variables(in_process, HTTP_PROXY=DEAD, ALL_PROXY=DEAD, NO_PROXY=""), "busy"),
]  # fmt: skip

PLACES = [
    Case("no_home", "a user id without an entry in passwd and without HOME", nothing,
         "refrain whoami", 1,
         ("Invalid input: REFRAIN_CONFIG: must be set, or HOME",),
         without_home),
    Case("no_home_cache", "the same at a generation node's command", nothing,
         "refrain node info", 1,
         ("Invalid input: --cache: names a home that is not known (found ~)",), without_home),
    typed("database", "a database below a folder with ? # % and a blank",
          "mkdir 'song?1 #2 %20ü'; python -c 'from pathlib import Path; "
          "from oracle.adapters.database import open_database, require_writable; "
          "require_writable(open_database(Path(\"song?1 #2 %20ü/oracle.sqlite\")))'; "
          "ls song*", 0, "oracle.sqlite"),
    typed("pip_user", "PIP_USER=1 and PYTHONPATH at the set-up",
          "PIP_USER=1 PIP_TARGET=/x NODE_ENV=production python -c "
          "'import os; from scripts.setup import cleaned; found = cleaned(os.environ); "
          "print(found[\"PIP_USER\"], [name for name in found if name in "
          "(\"PIP_TARGET\", \"NODE_ENV\", \"PYTHONPATH\")])'", 0, "0 []"),
    typed("umask_000", "a key made where everybody may read new files",
          "umask 000; refrain key ada.key >/dev/null; stat -c %a ada.key", 0, "600"),
    typed("umask_077", "a key made where nobody may", "umask 077; refrain key ada.key >/dev/null; "
          "stat -c %a ada.key", 0, "600"),
    typed("colon", "a key in a folder with a colon",
          "mkdir a:b; refrain key a:b/ada.key >/dev/null; "
          "REFRAIN_DEPLOYMENT=x REFRAIN_KEY=a:b/ada.key refrain whoami", 1,
          "Invalid input: deployment: cannot be read: No such file or directory (found x)"),
    typed("tilde", "~ in a path that the shell does not replace",
          "HOME=$PWD refrain key '~/ada.key' >/dev/null; ls", 0, "ada.key"),
]  # fmt: skip

ARGUMENTS = [
    wrong("minus_one", "a recording of -1", "refrain consent revoke --recording -1",
          "Invalid input: --recording: must be a whole number (found -1)"),
    wrong("uses_300", "a mask of uses that is too large",
          "refrain consent set --recording 1 --uses 300 --raw",
          "Invalid input: --uses: must be from 1 to 15 (found 300)"),
    wrong("floors_minus", "a negative floor", "refrain consent floors -5 --recording 1",
          "Wrong usage: No such option: -5; see `refrain consent floors --help`"),
    wrong("length_1e9", "a length in the form of a computer",
          "refrain app quote --prompt x --length 1e9 --reference 1",
          "Invalid input: --length: must be a whole number (found 1e9)"),
    wrong("too_long", "a number of 200 digits", f"refrain catalogue show {'9' * 200}",
          f"Invalid input: RECORDING: must be a whole number (found {'9' * 120})"),
    wrong("audit_address", "an address that is none",
          "refrain audit --rpc http://h --ipfs . --ledger ada.eth",
          "Wrong usage: argument --ledger: must be an address of 20 bytes in 0x-hex (found "
          "'ada.eth'); see `refrain audit --help`", shell),
    wrong("audit_url", "a URL with two dots in a row",
          f"refrain audit --rpc http://h..h --ipfs . --ledger 0x{1:040x}",
          "Wrong usage: argument --rpc: must be an http or https URL; see `refrain audit --help`",
          shell),
    typed("head", "a reader that leaves", "refrain --help | head -1", 0,
          "Usage: refrain [OPTIONS] COMMAND [ARGS]..."),
    typed("closed", "an output that is closed at the start", "refrain --version >&-; echo $?", 0,
          "0"),
    typed("full", "a full disk", "refrain --version >/dev/full", 1,
          "the output: No space left on device"),
    typed("ascii", "a terminal that knows ASCII only",
          "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii refrain balance Bjö",
          2, "Invalid input: ADDRESS: must be an address of 20 bytes in 0x-hex (found Bj\\udcc3"
          "\\udcb6)"),
    typed("narrow", "a terminal of 20 columns", "COLUMNS=20 refrain consent revoke", 2,
          "Wrong usage: Missing option '--recording'; see `refrain consent revoke --help`"),
]  # fmt: skip

CASES = [*WEB, *BUSY, *PLACES, *ARGUMENTS]
