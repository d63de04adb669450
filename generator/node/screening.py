"""What this node says of copies: pairs of recordings, and tracks that copy one not named.

An oracle asks for pairs before it quotes and signs. A finished track is compared with every
recording of the ledger that its order does not name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.node.vault import Held, Vault
from oracle.domain.copies import MOST_COPIES
from oracle.domain.errors import InvalidInput, NotFound, RefrainError

SAME_BYTES = {"score": 1_000, "seconds": 0, "speed": 1_000_000, "tones": 0}

log = logging.getLogger(__name__)


def pairs(vault: Vault, recordings: Iterable[int]) -> list[dict[str, int]]:
    """For each recording and each copy of it in this vault {recording, other, score, seconds,
    speed, tones}, ascending by both ids; a recording that the vault does not hold has none.

    Of a recording with more than `MOST_COPIES`, those with the lowest ids are told.
    """
    found = []
    for number in sorted(set(recordings)):
        found += sorted(_of(vault, number), key=lambda pair: pair["other"])[:MOST_COPIES]
    return found


def unexamined(vault: Vault, recordings: Iterable[int]) -> list[int]:
    """Those that the vault holds and has not compared with the others yet, ascending."""
    numbers = vault.holds(recordings)
    return [each for each in numbers if not vault.copies.examined(vault.find(each).audio)]


def examine_all(vault: Vault) -> None:
    """Compares the recordings that came before this node made fingerprints."""
    for held in vault.all():
        try:
            vault.copies.examine(held.audio, vault.path(held))
        except RefrainError as error:
            log.warning("recording %s cannot be compared: %s", held.recording, error)


def require_own(vault: Vault, track: Path, named: Iterable[int]) -> None:
    """Refuses a track that copies a recording of the ledger that its order does not name.

    Raises:
        InvalidInput: names the recording.
    """
    audio = [vault.find(number).audio for number in named]
    for match in vault.copies.heard_in(track, audio):
        for number in vault.recordings_of(match.audio):
            detail = (
                f"copies recording {number}, which the order does not name "
                f"(score {match.score} of 1,000 over {match.seconds} s)"
            )
            raise InvalidInput(detail, field="audio", value=number)


def groups(vault: Vault, references: Sequence[int]) -> list[list[int]]:
    """Components (from 1) of references that are copies of each other, as a trace lists them.

    Two copies are named together only where their owners are one, have agreed, or an arbiter ruled.
    """
    known = {number: {number} for number in references}
    for pair in pairs(vault, references):
        if pair["other"] in known:
            joined = known[pair["recording"]] | known[pair["other"]]
            known |= dict.fromkeys(joined, joined)
    places = {number: place for place, number in enumerate(references, 1)}
    listed = {tuple(sorted(places[number] for number in group)) for group in known.values()}
    return [list(group) for group in sorted(listed) if len(group) > 1]


def _of(vault: Vault, number: int) -> Iterator[dict[str, int]]:
    try:
        held: Held = vault.find(number)
    except NotFound:
        return
    alike: list[tuple[str, dict[str, Any]]] = [(held.audio, SAME_BYTES)]
    for match in vault.copies.of(held.audio):
        alike.append((match.audio, {name: getattr(match, name) for name in SAME_BYTES}))
    for audio, how in alike:
        for other in vault.recordings_of(audio):
            if other != number:
                yield {"recording": number, "other": other, **how}
