"""A quote on the command line: its price, its refusals, and the question before an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import table
from oracle.cli.session import Session
from oracle.cli.units import MILLION
from oracle.domain.errors import Refused

View = Mapping[str, Any]


def agree(do: Session, title: str, price: int, reserved: str | None) -> None:
    """Shows the escrow before and after, and asks. An order costs no gas.

    Args:
        reserved: what orders under way will take from the same escrow, smallest units, as the
            oracle says; None when it does not say it.
    """
    escrow = do.connection.app.escrow()
    if escrow < price:
        detail = f"the price is {do.money(price)} and your escrow {do.money(escrow)}"
        raise Refused(f"{detail}: `refrain app fund` adds to it")
    changes = [
        Change("in escrow on the chain, before orders that are under way",
               do.money(escrow), f"at least {do.money(escrow - price)}"),
    ]  # fmt: skip
    if reserved is not None:
        held = int(reserved)
        changes.append(Change("reserved for orders", do.money(held), do.money(held + price)))
    do.change(title, changes)
    do.confirmation.ask()


def require_permitted(do: Session, found: View) -> None:
    """Raises Refused with each reason in words when a quote is not permitted."""
    if not found["permitted"]:
        raise Refused("; ".join(_reason(do, found, item) for item in found["refusals"]))


def _reason(do: Session, found: View, refusal: View) -> str:
    from oracle.client.reasons import in_words

    if refusal["reason"] != "escrow_short":
        return in_words(refusal)
    price, escrow = int(found["price"]), do.connection.app.escrow()
    reserved = int(found["reserved"] or 0)
    if escrow >= price + reserved:
        return in_words(refusal)
    held = f", of which {do.money(reserved)} is reserved for orders under way" if reserved else ""
    return (f"the price is {do.money(price)} and your escrow {do.money(escrow)}{held}: "
            "`refrain app fund` adds to it")  # fmt: skip


def shown(do: Session, found: View) -> list[RenderableType]:
    """The price and its parts."""
    price, node, fee = (int(found[name]) for name in ("price", "node_fee", "protocol_fee"))
    rows = [
        (f"recording {item['recording']}", units.percent_text(item["weight"], MILLION),
         do.money(int(item["amount"])))
        for item in found["split"]
    ]  # fmt: skip
    rows += [("generation node", "", do.money(node)), ("protocol", "", do.money(fee)),
             ("price", "", do.money(price))]  # fmt: skip
    shown: list[RenderableType] = [
        table(("", "weight", "amount"), rows, "Quote", right=["weight", "amount"])
    ]
    if floor := found.get("floor"):
        per_second = do.money(int(floor["per_second"]))
        shown.append(f"Recording {floor['recording']} asks for {per_second} a second at least.")
    return [*shown, "The track decides the weights that are paid; they come close to these."]


def document(do: Session, found: View) -> dict[str, Any]:
    """The quote for ``--json``, with amounts that name their token."""
    amounts = {name: do.money_json(int(found[name]))
               for name in ("price", "node_fee", "protocol_fee", "reserved")
               if found[name] is not None}  # fmt: skip
    split = [{**item, "amount": do.money_json(int(item["amount"]))} for item in found["split"]]
    return {**found, **amounts, "split": split}
