"""`refrain init`: makes or changes a profile."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import facts
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.access import without_user
from oracle.domain.environment import path_of
from oracle.domain.errors import InvalidInput, NotFound, Unavailable, require_same

if TYPE_CHECKING:
    from oracle.adapters.chain.deployment import Deployment
    from oracle.client.profile import Profile

app = group("Begin here.")


@command(app, "init", changes=True, measured=False)
def init(
    do: Session,
    rpc: Annotated[str, typer.Option(metavar="URL", help="URL of the chain's JSON-RPC.")] = "",
    deployment: Annotated[
        str, typer.Option(metavar="FILE", help="File that says where the contracts are.")
    ] = "",
    api: Annotated[str, typer.Option(metavar="URL", help="URL of an oracle, for orders.")] = "",
    oracle: Annotated[
        list[str] | None,
        typer.Option(help="URL of another oracle of its set, asked when --api is away; repeat."),
    ] = None,
    node: Annotated[
        list[str] | None, typer.Option(help="URL of a generation node, for uploads; repeat.")
    ] = None,
    ipfs: Annotated[
        str, typer.Option(metavar="URL", help="URL of a gateway that serves what is pinned.")
    ] = "",
    pin: Annotated[
        str, typer.Option(metavar="WHERE", help="Where to pin: folder:PATH or kubo:ADDRESS.")
    ] = "",
    stack: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="stack.json of a running `make up`: fills in all of it."),
    ] = None,
    role: Annotated[
        str,
        typer.Option("--as", metavar="ROLE", help="With --stack: the account to use, such as app."),
    ] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the profile.")] = "",
    default: Annotated[bool, typer.Option("--default", help="Use it when none is named.")] = False,
) -> None:
    """Make a profile: your key, the chain, an oracle.

    No other command needs to be told where they are. Without --key a new key is made. The chain
    has to answer and to be the deployment's.
    """
    from oracle.client.profile import Profile, check_name, config_path, load_config, save_config

    path = config_path(os.environ)
    config = load_config(path)
    name = check_name(name or do.profile_name or role or "default")
    before = config.profiles.get(name, Profile())
    given = Profile(rpc=rpc, deployment=deployment, api=api, oracles=tuple(oracle or ()),
                    nodes=tuple(node or ()), ipfs=ipfs, pin=pin, key=do.key_uri)  # fmt: skip
    if stack is not None:
        before = replace(before, **_of_stack(stack, role, path.parent / f"{name}.deployment.json"))
    elif role:
        raise Malformed("needs --stack", field="--as", value=role)
    wanted = _asked(_merged(before, given))
    wanted = _absolute(replace(wanted, key=wanted.key or str(path.parent / f"{name}.key")))
    known = config.profiles.get(name)
    if known is not None and known != wanted:
        changed = [m for m in vars(known) if getattr(known, m) != getattr(wanted, m)]
        do.change(f"Profile {name}", [
            Change(m, _shown(m, getattr(known, m)), _shown(m, getattr(wanted, m))) for m in changed
        ])  # fmt: skip
        do.confirmation.ask()
    address = _check(wanted)
    save_config(config.with_profile(name, wanted, default), path)
    rows = {"profile": name, "address": address, "key": wanted.key,
            "deployment": wanted.deployment, "config": str(path)}  # fmt: skip
    do.out.result(rows, facts(list(rows.items())), *_next(wanted))


def _merged(before: Profile, given: Profile) -> Profile:
    """What is named replaces, what is not named stays."""
    return replace(before, **{m: v for m, v in vars(given).items() if v})


def _asked(profile: Profile) -> Profile:
    """Asks for what is needed and missing, if there is a terminal."""
    for member, question in (("rpc", "URL of the chain's JSON-RPC"),
                             ("deployment", "Deployment file")):  # fmt: skip
        if not getattr(profile, member):
            if not sys.stdin.isatty():
                raise Malformed("must be named (or --stack)", field=f"--{member}")
            profile = replace(profile, **{member: typer.prompt(question, err=True)})
    return profile


def _absolute(profile: Profile) -> Profile:
    """Paths that are the same from every folder."""
    from oracle.adapters.signing.keystore import split_uri

    scheme, rest = split_uri(profile.key)
    key = str(path_of(rest, "--key").absolute()) if scheme == "file" else profile.key
    deployment = path_of(profile.deployment, "--deployment").absolute()
    return replace(profile, key=key, deployment=str(deployment))


def _check(profile: Profile) -> str:
    """The key's address, once the chain has answered; makes the key if there is none."""
    from oracle.adapters.signing.file import FileKey
    from oracle.adapters.signing.keystore import open_key, split_uri
    from oracle.client.connection import Connection
    from oracle.client.private import make_folder

    token = os.environ.get("REFRAIN_RPC_TOKEN") or profile.rpc_token
    there = Connection(replace(profile, rpc_token=token))
    code = there.rpc.code(there.deployment.ledger)
    if not code:
        raise InvalidInput("no contract is deployed there", field="deployment.ledger")
    money = there.reader.ask(there.contract("ledger"), "token")
    require_same("token of the ledger", money, there.deployment.token)
    if Path(profile.key).exists() or split_uri(profile.key)[0] != "file":
        return open_key(profile.key).address
    make_folder(Path(profile.key).parent)
    return FileKey.create(Path(profile.key)).address


def _of_stack(stack: Path, role: str, deployment: Path) -> dict[str, Any]:
    """A profile's members from the file that `make up` writes; stores the deployment's part."""
    from oracle.client.private import write_file

    found, contracts = _read_stack(stack)
    roles = sorted(found["accounts"])
    if role and role not in roles:
        raise NotFound(f"is no account of the stack; there are: {', '.join(roles)}",
                       field="--as", value=role)  # fmt: skip
    _require_running(stack, found["rpc"], contracts.ledger)
    write_file(deployment, (json.dumps(contracts.to_json(), indent=2) + "\n").encode())
    members = {"rpc": found["rpc"], "api": found["api"][0],
               "oracles": tuple(found["api"][1:]), "nodes": tuple(found["nodes"]),
               "ipfs": found["gateway"], "pin": found.get("pin", ""),
               "deployment": str(deployment)}  # fmt: skip
    return members | ({"key": str(Path(found["keys"], f"{role}.key"))} if role else {})


def _read_stack(stack: Path) -> tuple[dict[str, Any], Deployment]:
    """The file's content, once it is complete, and its deployment."""
    from oracle.adapters.chain.deployment import parse
    from oracle.domain import canonical

    try:
        found = json.loads(units.path(stack, "--stack").read_text(encoding="utf-8"))
        texts = [found["rpc"], found["api"][0], *found["api"], found["gateway"], found["keys"],
                 *found["nodes"]]  # fmt: skip
        if not all(isinstance(text, str) for text in [*texts, *found["accounts"]]):
            raise TypeError
        return dict(found), parse(canonical.loads(json.dumps(found["deployment"])))
    except (OSError, ValueError, KeyError, TypeError, IndexError, InvalidInput) as error:
        detail = "is not the stack.json of a running `make up`"
        raise InvalidInput(detail, field="--stack", value=stack) from error


def _require_running(stack: Path, rpc: str, ledger: str) -> None:
    """Refuses a stack that was stopped: its chain does not answer, or another one does."""
    from oracle.adapters.chain.rpc import Rpc

    try:
        running = bool(Rpc(rpc, token=os.environ.get("REFRAIN_RPC_TOKEN", "")).code(ledger))
    except Unavailable:
        running = False
    if not running:
        detail = "the stack of this file does not run: start one with `make up`"
        raise Unavailable(detail, field="--stack", value=stack)


def _shown(member: str, value: Any) -> str:
    from oracle.client.profile import host_of

    text = ", ".join(value) if isinstance(value, tuple) else value
    if member == "rpc_token":
        return "********" if text else "-"
    return host_of(text) if member == "rpc" and text else without_user(text) or "-"


def _next(profile: Profile) -> list[str]:
    """What to do next, in a line."""
    return ["", "Next: `refrain balance` shows what you have; `refrain faucet` gives test money."]
