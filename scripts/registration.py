"""Puts offers on chain and into the vaults of a local stack's generation nodes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from eth_utils import to_checksum_address

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.keystore import open_key
from oracle.domain.errors import InvalidInput
from scripts.artist import Artist, Pin, Song
from scripts.compile import ARTIFACTS
from scripts.demo.show import Show
from scripts.offers import Offer, OfferError, demo_offers, folder_offers, slug
from scripts.stack import NODES, ROOT, Stack
from scripts.stack_chain import give_ether, wallet_of

CATALOGUE = ROOT / ".refrain" / "catalogue"


@dataclass(frozen=True)
class Registered:
    """An offer with its id on chain and what the nodes found: seconds and beats a minute."""

    recording: int
    offer: Offer
    payees: tuple[str, ...]
    seconds: float
    bpm: float

    def describe(self) -> dict[str, Any]:
        return {
            "recording": self.recording, "title": self.offer.title, "artist": self.offer.artist,
            "owner": self.offer.owner, "payees": list(self.payees), "uses": self.offer.uses,
            "file": str(self.offer.path), "bpm": self.bpm,
        }  # fmt: skip


@dataclass(frozen=True)
class PinSettings:
    """Where a pinner puts things, as PINNERS ask for it."""

    pin_folder: Path | None
    ipfs_api: str | None


def offers_of(folder: Path | None, show: Show) -> list[Offer]:
    """The demo's songs, or those files of a person's folder that can be used.

    Raises:
        OfferError: the folder holds nothing usable; each file's reason has been shown.
    """
    if folder is None:
        return _rendered(show)
    usable = [offer for offer in folder_offers(folder) if _decodes(offer, show)]
    if not usable:
        raise OfferError(f"CATALOGUE: no file in {folder} can be used")
    return usable


def _decodes(offer: Offer, show: Show) -> bool:
    from generator.audio import decode

    try:
        decode(offer.path)
    except InvalidInput as error:
        show.refused(f"{offer.path.name}: {error}")
        return False
    return True


def _rendered(show: Show) -> list[Offer]:
    """The demo's songs, rendered into the state folder unless they are there already."""
    from scripts.catalogue import SONGS, render_catalogue

    with show.bar("composing and rendering the catalogue", len(SONGS)) as bar:
        render_catalogue(CATALOGUE, lambda _: bar.step())
    return demo_offers(CATALOGUE)


def register_offers(stack: Stack, offers: Sequence[Offer], show: Show) -> list[Registered]:
    """Registers each offer, pins its metadata and uploads its audio to every node.

    A file that a node refuses is named with the reason and left out of what is returned.
    """
    give_ether(stack, sorted({offer.owner for offer in offers}))
    numbers = _on_chain(stack, offers)
    show.line(f"registered {len(offers)} recordings on chain")
    kept = []
    with show.bar("uploading to both vaults, analysing", len(NODES) * len(offers)) as bar:
        answers = _uploaded(stack, numbers, bar)
    for number, offer in sorted(numbers.items()):
        found = answers[number]
        if isinstance(found, InvalidInput):
            show.refused(f"{offer.path.name}: {found}")
        else:
            payees = tuple(payee_address(stack, name) for name in payee_names(offer))
            kept.append(Registered(number, offer, payees, found["seconds"], found["bpm"]))
    return kept


def payee_names(offer: Offer) -> list[str]:
    return [holder.payee for holder in offer.holders] or [offer.owner]


def payee_address(stack: Stack, payee: str) -> str:
    """An address as it is; a name has a test account of its own."""
    if payee.startswith("0x"):
        return to_checksum_address(payee)
    return stack.accounts.account(slug(payee)).address


def artist_of(stack: Stack, owner: str) -> Artist:
    key = open_key(str(stack.accounts.key_file(owner)))
    found = deployment.load(stack.deployment)
    return Artist(wallet_of(stack, owner), key, found, Artifacts(ARTIFACTS))


def _on_chain(stack: Stack, offers: Sequence[Offer]) -> dict[int, Offer]:
    """Recording ids by offer; each owner registers its own in one transaction."""
    numbers: dict[int, Offer] = {}
    for owner, group in groupby(sorted(offers, key=lambda o: o.owner), lambda o: o.owner):
        mine = list(group)
        artist = artist_of(stack, owner)
        songs = [_song(stack, artist, offer) for offer in mine]
        numbers |= dict(zip(artist.register(songs, pin_of(stack)), mine, strict=True))
    return numbers


def _song(stack: Stack, artist: Artist, offer: Offer) -> Song:
    holders = {payee_address(stack, h.payee): h.share for h in offer.holders}
    split = artist.create_split(holders) if holders else 0
    return Song(offer.path, offer.title, offer.artist, offer.isrc, split, offer.uses)


def pin_of(stack: Stack) -> Pin:
    environment = stack.pinning.environment
    folder = environment.get("REFRAIN_PIN_FOLDER")
    settings = PinSettings(Path(folder) if folder else None, environment.get("REFRAIN_IPFS_API"))
    return PINNERS[stack.pinning.name](settings).pin


def _uploaded(stack: Stack, numbers: dict[int, Offer], bar: Any) -> dict[int, Any]:
    """What the nodes say of each recording, or the error of the one that refused it."""
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
    except InvalidInput as error:  # the file's fault; a node that does not work ends the run
        return error
