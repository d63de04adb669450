"""`refrain up --catalogue FOLDER --check`: says what a folder would give, and starts nothing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from oracle.domain.percent import percent_of
from scripts.stack.catalogue_folder import Offer, OfferError
from scripts.stack.console import Console
from scripts.stack.folder_listing import shown
from scripts.stack.registration import offers_of


def check(arguments: Namespace, prog: str) -> int:
    """Prints each recording that would be offered, with who is paid; 1 if the folder is wrong.

    Args:
        prog: the command as the person typed it, for the line that says why it failed.
    """
    console = Console()
    try:
        if not arguments.catalogue:
            raise OfferError("--check needs --catalogue, a folder of your own audio")
        found = offers_of(arguments.catalogue, console)
    except OfferError as fault:
        console.plain(f"{prog} failed: {fault}")
        return 1
    for offer in found.offers:
        console.plain(f"{shown(offer.path)}: {paid(offer)}")
    for role, name in sorted(accounts(found.offers).items()):
        console.plain(f"account of {name}: {role}")
    console.plain(f"{counted(len(found.offers), 'recording')}; left out: {len(found.left_out)}")
    return 0


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def accounts(offers: Sequence[Offer]) -> dict[str, str]:
    """The role of each named payee's test account, and its name."""
    holders = (holder for offer in offers for holder in offer.holders)
    return {holder.role: holder.payee for holder in holders if holder.role}


def paid(offer: Offer) -> str:
    """Who is paid for an offer, in the order of its table."""
    if not offer.holders:
        return "pays its owner alone"
    return "pays " + ", ".join(f"{h.payee} {percent_of(h.share)}%" for h in offer.holders)
