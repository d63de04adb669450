"""Registers offers on chain and uploads their audio to the generation nodes of a local stack."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from oracle.adapters.chain import deployment
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.keystore import open_key
from oracle.client.artist import Artist, Pin, Song
from oracle.domain.errors import InvalidInput
from oracle.domain.money import MILLION
from oracle.domain.text import plain, visible
from oracle.settings import read_pinning
from scripts.stack import alike
from scripts.stack.catalogue_folder import (
    Catalogue,
    Holder,
    Offer,
    OfferError,
    demo_offers,
    folder_offers,
)
from scripts.stack.chain import give_ether, wallet_of
from scripts.stack.console import Bar, Console
from scripts.stack.folder_listing import shown
from scripts.stack.layout import NODES, ROOT
from scripts.stack.left_out import LeftOuts
from scripts.stack.stack import Stack

CATALOGUE = ROOT / ".refrain" / "catalogue"


@dataclass(frozen=True)
class Registered:
    """An offer with its recording id on chain, and its length and tempo as the nodes found them."""

    recording: int
    offer: Offer
    payees: tuple[str, ...]
    seconds: float
    bpm: float

    def describe(self) -> dict[str, Any]:
        return {
            "recording": self.recording, "title": self.offer.title, "artist": self.offer.artist,
            "owner": self.offer.owner, "payees": list(self.payees), "uses": self.offer.uses,
            "names": {holder.payee: holder.role for holder in self.offer.holders if holder.role},
            "file": plain(self.offer.path.resolve()), "sha256": fingerprint(self.offer.path),
            "bpm": self.bpm,
        }  # fmt: skip


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def offers_of(folder: Path | None, console: Console) -> Catalogue:
    """The demo's songs, or the usable files of a person's folder.

    The console shows what is left out, with the reason for each file, and notes about the splits.

    Raises:
        OfferError: no file of the folder is usable, or its table of splits is wrong.
    """
    if folder is None:
        return Catalogue(_rendered(console))
    found = folder_offers(folder)
    usable = [offer for offer in found.offers if _decodes(offer, found.left_out)]
    for item in found.left_out:
        console.left_out(str(item))
    for note in found.notes:
        console.note(note)
    if not usable:
        raise OfferError(f"CATALOGUE: no file in {visible(str(folder))} is usable")
    return replace(found, offers=usable)


def _decodes(offer: Offer, left_out: LeftOuts) -> bool:
    from generator.audio.decode import decode

    try:
        decode(offer.path)
    except InvalidInput as error:
        left_out.add(shown(offer.path), str(error))
        return False
    return True


def _rendered(console: Console) -> list[Offer]:
    """The demo's songs, rendered into the state folder if they are not there yet."""
    from scripts.songs import SONGS, render_catalogue
    from scripts.songs.shelf import is_there

    missing = sum(not is_there(song, CATALOGUE) for song in SONGS)
    if missing:
        console.line(f"composing {missing} songs: one or two minutes, the first time only")
    with console.bar("songs", len(SONGS)) as bar:
        render_catalogue(CATALOGUE, lambda _: bar.step())
    return demo_offers(CATALOGUE)


def register_offers(
    stack: Stack, offers: Sequence[Offer], console: Console, left_out: LeftOuts | None = None
) -> list[Registered]:
    """Registers each offer, pins its metadata and uploads its audio to every node.

    Args:
        left_out: gets each file that a node refuses, with the reason; the result has it not.
    """
    give_ether(stack, sorted({offer.owner for offer in offers}))
    numbers = _on_chain(stack, offers)
    console.line(f"registered {len(offers)} recordings on chain")
    console.line("uploading the audio to both nodes, which analyse what is new to them")
    kept = []
    with console.bar("uploads", len(NODES) * len(offers)) as bar:
        answers = _uploaded(stack, numbers, bar)
    for number, offer in sorted(numbers.items()):
        found = answers[number]
        if isinstance(found, InvalidInput):
            console.left_out(f"{shown(offer.path)}: {found}")
            if left_out is not None:
                left_out.add(shown(offer.path), str(found))
        else:
            payees = tuple(payee_address(stack, holder) for holder in paid(offer))
            kept.append(Registered(number, offer, payees, found["seconds"], found["bpm"]))
    if kept:
        time = artist_of(stack, kept[0].offer.owner).time()
        alike.agree(stack, {each.recording: each.offer.owner for each in kept}, time, console)
    return kept


def paid(offer: Offer) -> tuple[Holder, ...]:
    """Who is paid for an offer: its holders, or its owner alone."""
    return offer.holders or (Holder(offer.owner, MILLION, offer.owner),)


def payee_address(stack: Stack, holder: Holder) -> str:
    """The holder's address, or the address of the test account of its name."""
    return stack.accounts.account(holder.role).address if holder.role else holder.payee


def artist_of(stack: Stack, owner: str) -> Artist:
    key = open_key(str(stack.accounts.key_file(owner)))
    found = deployment.load(stack.deployment)
    return Artist(wallet_of(stack, owner), key, found)


def _on_chain(stack: Stack, offers: Sequence[Offer]) -> dict[int, Offer]:
    """Offers by recording id; each owner registers all its recordings in one transaction."""
    numbers: dict[int, Offer] = {}
    for owner, group in groupby(sorted(offers, key=lambda o: o.owner), lambda o: o.owner):
        mine = list(group)
        artist = artist_of(stack, owner)
        songs = [_song(stack, artist, offer) for offer in mine]
        numbers |= dict(zip(artist.register(songs, pin_of(stack)), mine, strict=True))
    return numbers


def _song(stack: Stack, artist: Artist, offer: Offer) -> Song:
    holders = {payee_address(stack, holder): holder.share for holder in offer.holders}
    if len(holders) < len(offer.holders):
        detail = "a name and an address in its splits are one account"
        raise OfferError(f"{shown(offer.path)}: {detail}")
    split = artist.create_split(holders) if holders else 0
    return Song(offer.path, offer.title, offer.artist, offer.isrc, split, offer.uses)


def pin_of(stack: Stack) -> Pin:
    environment = stack.pinning.environment
    settings = read_pinning(environment)
    return PINNERS[stack.pinning.name](settings).pin


def _uploaded(stack: Stack, numbers: dict[int, Offer], bar: Bar) -> dict[int, Any]:
    """The nodes' analysis by recording id, or the error of the node that refused the file."""
    lock = threading.Lock()
    answers: dict[int, Any] = {}

    def to_node(node: str) -> None:
        for number, offer in sorted(numbers.items()):
            found = _upload(artist_of(stack, offer.owner), stack.url(node), number, offer)
            with lock:
                if not isinstance(answers.get(number), InvalidInput):
                    answers[number] = found
                bar.step()

    with ThreadPoolExecutor(len(NODES)) as pool:
        list(pool.map(to_node, NODES))
    return answers


def _upload(artist: Artist, node: str, number: int, offer: Offer) -> Any:
    try:
        return artist.upload(node, number, offer.path)
    except InvalidInput as error:  # the file is wrong; a node that fails ends the run instead
        return error
