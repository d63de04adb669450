"""An ordered track: waits for its end and shows it. The chain confirms what the oracle says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from oracle.cli import units
from oracle.cli.output import facts, table
from oracle.cli.session import Session
from oracle.cli.units import MILLION
from oracle.domain.errors import Inconsistent, InvalidInput, Unavailable

View = Mapping[str, Any]

INTERRUPTED = 130


@contextmanager
def placing(do: Session, generation: str) -> Iterator[None]:
    """Around the request that sends an order: without an answer the oracle may have taken it."""
    with _telling(do, generation, "the oracle may have the order"):
        yield


@contextmanager
def _telling(do: Session, generation: str, state: str) -> Iterator[None]:
    """Says after a failure or Ctrl-C that the order must not be repeated, and how to look."""
    said = (f"{state}, do not order again: `refrain app show {generation}` shows it and "
            f"`refrain app wait {generation}` waits for it")  # fmt: skip
    try:
        yield
    except (Unavailable, Inconsistent) as error:
        raise type(error)(f"{error}; {said}") from error
    except KeyboardInterrupt:
        do.out.note(f"Stopped: {said}.")
        raise typer.Exit(INTERRUPTED) from None


def follow(do: Session, generation: str, seconds: int, most: int | None = None) -> None:
    """Waits for the end and tells it; a generation that does not settle is refused money.

    Args:
        most: the order's maxPrice where it is known, smallest units.
    """
    with _telling(do, generation, "the order goes on"):
        do.out.note(f"ordered: {generation}")
        app = do.connection.app
        view = app.wait(generation, seconds, lambda v: _progress(do, v), most=most)
    show(do, view)
    if view["stage"] != "settled":
        raise InvalidInput(view["detail"] or "no reason given", field=view["stage"])


def cancel(
    do: Session, generation: Annotated[str, typer.Argument(help="Id of an order.")]
) -> None:
    """Cancel an order whose track is not being made yet. It costs no gas and no money."""
    show(do, do.connection.app.cancel(units.word(generation, "GENERATION")))


def show(do: Session, view: View) -> None:
    """A track's state, and its price and shares when it is settled."""
    price = int(view["price"])
    rows = [("track", view["id"]), ("state", view["stage"])]
    rows += [("detail", view["detail"])] if view["detail"] else []
    rows += [("price", do.money(price))] if view["stage"] == "settled" else []
    rows += [(n, link) for n, link in view["links"].items() if link and n != "self"]
    rows += [("transaction", view["transaction"])] if view["transaction"] else []
    shown: list[RenderableType] = [facts([(name, str(value)) for name, value in rows])]
    if vector := view["vector"]:
        paid = [(item["recording"], units.percent_text(item["weight"], MILLION)) for item in vector]
        shown += ["", table(("recording", "share of the royalty"), paid, right=["recording"])]
    do.out.result({**view, "price": do.money_json(price)}, *shown)


def _progress(do: Session, view: View) -> None:
    do.out.note(f"{view['stage']:10} {view['detail']}".rstrip())
