"""What every command shares: the options that all have, the profile, the output, the question."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.confirm import Change, Confirmation, Watch
from oracle.cli.output import Output
from oracle.domain.errors import Refused

if TYPE_CHECKING:
    from oracle.client.connection import Connection
    from oracle.client.profile import Profile
    from oracle.client.wallet import Cost

ProfileName = Annotated[
    str,
    typer.Option(metavar="NAME", help="Profile to use, instead of REFRAIN_PROFILE or the default."),
]
KeyUri = Annotated[
    str, typer.Option(help="Key file to sign with, instead of the profile's.", metavar="FILE")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Raw = Annotated[
    bool, typer.Option("--raw", help="Amounts in smallest units, shares in parts, seconds.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]

ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
"""For a command that hands all of its words to a parser of its own."""

_SHARED = {"profile": (ProfileName, ""), "key": (KeyUri, ""), "as_json": (AsJson, False)}
_CHANGING = {"yes": (Yes, False)}
_MEASURED = {"raw": (Raw, False)}


class Session:
    """One run of a command.

    Args:
        profile: name of the profile, empty for the default.
        key: path or URI of a key instead of the profile's.
        as_json: print one JSON document.
        yes: do not ask.
        raw: amounts in smallest units, shares in parts, dates in seconds.
    """

    def __init__(
        self,
        profile: str = "",
        key: str = "",
        as_json: bool = False,
        yes: bool = False,
        raw: bool = False,
    ) -> None:
        self.profile_name = profile
        self.key_uri = key
        self.raw = raw
        self.out = Output(as_json)
        self.confirmation = Confirmation(self.out, yes)
        self.yes = yes

    @cached_property
    def chosen(self) -> tuple[str, Profile]:
        """The profile's name, and the profile with what the command line replaces."""
        from oracle.client.profile import choose, config_path, load_config

        config = load_config(config_path(os.environ))
        name, profile = choose(config, os.environ, self.profile_name)
        return name, replace(profile, key=self.key_uri) if self.key_uri else profile

    @cached_property
    def connection(self) -> Connection:
        from oracle.client.connection import Connection
        from oracle.client.profile import orders_path

        return Connection(self.chosen[1], orders_path(os.environ), self._approve)

    @property
    def address(self) -> str:
        """Of the key."""
        return self.connection.key.address

    def change(self, title: str, changes: Sequence[Change], watch: Watch | None = None) -> None:
        """Announces what the next transaction changes: it is shown and asked for with its gas.

        What is watched is read again after the answer, right before the transaction is signed.
        """
        self.confirmation.announce(title, changes, watch)

    def _approve(self, cost: Cost) -> None:
        held = self.connection.rpc.balance(self.address)
        if held < cost.most:
            needed, has = units.ether_text(cost.most), units.ether_text(held)
            detail = f"{self.address} needs up to {needed} for gas and has {has}"
            raise Refused(f"{detail}; on a development chain `refrain faucet` gives some")
        about, most = units.ether_text(cost.expected), units.ether_text(cost.most)
        self.confirmation.ask(f"about {about}, at most {most}")

    # What is shown of amounts.

    def money(self, amount: int) -> str:
        """An amount of the token with its symbol; with ``--raw`` in smallest units."""
        token = self.connection.token
        if self.raw:
            return f"{amount} units of {token.symbol}"
        return f"{units.amount_text(amount, token.decimals)} {token.symbol}"

    def money_json(self, amount: int) -> dict[str, Any]:
        token = self.connection.token
        return {"units": str(amount), "decimals": token.decimals, "symbol": token.symbol}

    def amount(self, text: str, field: str) -> int:
        """An amount of the token as the command line has it."""
        self.require_amount(text, field)
        if self.raw:
            return units.whole(text, field)
        return units.amount(text, self.connection.token.decimals, field)

    def require_amount(self, text: str, field: str) -> None:
        """Raises Malformed for what no token could have, before the chain is asked for its own."""
        units.amount(text, units.MOST_DECIMALS, field, self.raw)


def group(about: str) -> typer.Typer:
    """A group of commands; texts of the help are plain."""
    return typer.Typer(
        help=about, no_args_is_help=True, rich_markup_mode=None, add_completion=False,
        pretty_exceptions_enable=False,
    )  # fmt: skip


def command(
    app: typer.Typer, name: str, changes: bool = False, measured: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds a function as a command; its first argument is the session, which has the options.

    Args:
        changes: it changes money or consent, so it takes ``--yes``.
        measured: it reads or shows amounts, shares or dates, so it takes ``--raw``.
    """
    shared = _SHARED | (_CHANGING if changes else {}) | (_MEASURED if measured else {})

    def add(function: Callable[..., None]) -> Callable[..., None]:
        def run(**values: Any) -> None:
            options = {option: values.pop(option) for option in shared}
            function(Session(**options), **values)

        signature = inspect.signature(function, eval_str=True)
        own = list(signature.parameters.values())[1:]
        kind = inspect.Parameter.KEYWORD_ONLY
        more = [
            inspect.Parameter(option, kind, default=default, annotation=annotation)
            for option, (annotation, default) in shared.items()
        ]
        made = [parameter.replace(kind=kind) for parameter in own] + more
        run.__doc__ = function.__doc__
        run.__name__ = function.__name__
        run.__signature__ = inspect.Signature(made)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in made}
        app.command(name)(run)
        return function

    return add
