"""Recordings, consents and splits as the commands read and show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from oracle.cli import units
from oracle.cli.confirm import Change, State, Watch
from oracle.cli.output import table
from oracle.cli.session import Session
from oracle.domain.consent import TIERS
from oracle.domain.errors import NotFound, Refused
from oracle.domain.recording import Recording

if TYPE_CHECKING:
    from oracle.client.splits import Split

_TIER_NAMES = {tier.number: name for name, tier in TIERS.items()}


def known(do: Session, number: int) -> Recording:
    """A registered recording."""
    found = do.connection.ledger.recording(number)
    if found is None:
        raise NotFound("is not registered", field="recording", value=number)
    return found


def owned(do: Session, number: int) -> Recording:
    """A recording of the profile's key."""
    found = known(do, number)
    if found.owner != do.address:
        detail = f"recording {number} belongs to {found.owner}; your key is {do.address}"
        raise Refused(detail)
    return found


def split_of(do: Session, recording: Recording) -> Split:
    """Who a recording pays now."""
    return split_or_owner(do, recording.split, recording.owner)


def split_or_owner(do: Session, split: int, owner: str) -> Split:
    """A split by id; 0 is the owner alone."""
    from oracle.client.splits import alone

    return do.connection.splits.load(split) if split else alone(owner)


def split_that_pays(do: Session, split: int, pay_others: bool) -> Split:
    """A split that the key's own recording is to be paid by.

    Raises:
        Refused: it does not name the key's address, and the caller did not say that this is meant.
    """
    found = split_or_owner(do, split, do.address)
    if not found.names(do.address) and not pay_others:
        detail = f"split {split} does not name you ({do.address}); it pays {in_words(found, do)}"
        raise Refused(f"{detail}. If this is meant, add --pay-others")
    return found


def in_words(split: Split, do: Session) -> str:
    """The holders of a split in a line."""
    listed = [
        f"{units.percent_text(h.share, units.MILLION)} to {named(h.address, do)}"
        + (" (claim key)" if h.pending else "")
        for h in split.holders
    ]
    return ", ".join(listed)


def holder_changes(before: Split | None, after: Split, do: Session) -> list[Change]:
    """A change for each holder of the two splits, in the order of payment."""
    old, new = _shares(before), _shares(after)
    return [
        Change(f"paid to {named(address, do)}", _percent(old[address]), _percent(new[address]))
        for address in {**new, **old}
    ]


def _shares(split: Split | None) -> Counter[str]:
    shares: Counter[str] = Counter()
    for holder in split.holders if split else ():
        shares[holder.address] += holder.share
    return shares


def _percent(share: int) -> str:
    return units.percent_text(share, units.MILLION) if share else "-"


def named(address: str, do: Session) -> str:
    """An address, marked when it is the key's own."""
    return f"{address} (you)" if address == do.address else address


def holders_table(split: Split, do: Session, title: str = "") -> RenderableType:
    """The holders of a split and their shares."""
    rows = [
        (units.percent_text(h.share, units.MILLION), named(h.address, do),
         "claim key, waits until it is claimed" if h.pending else "")
        for h in split.holders
    ]  # fmt: skip
    return table(("share", "holder", ""), rows, title, right=["share"])


def split_json(split: Split) -> dict[str, Any]:
    holders = [
        {"address": h.address, "share": h.share, "claim_key": h.pending} for h in split.holders
    ]
    return {"split": split.id, "form": split.form, "recoupments": split.deals, "holders": holders}


def tier_name(number: int) -> str:
    return _TIER_NAMES.get(number, f"tier {number}")


def floors_text(floors: Sequence[int], do: Session) -> str:
    """The floors of the tiers that are in use."""
    shown = [
        f"{tier_name(n)}: {do.money(floor)} a second" for n, floor in enumerate(floors) if floor
    ]
    return ", ".join(shown) or "none"


def consent_facts(found: Recording, do: Session) -> list[tuple[str, str]]:
    """The consent in force, as names and values."""
    return [
        ("uses", uses_shown(found.uses, do)),
        ("largest share of a track", share_shown(found.max_share, do)),
        ("from", date_shown(found.consent_from, do)),
        ("until", date_shown(found.consent_until, do)),
        *([("revoked", date_shown(found.revoked_at, do))] if found.revoked_at else []),
        ("floors", floors_text(found.floors, do)),
    ]


def consent_state(found: Recording, do: Session) -> State:
    """What `consent set`, `floors` and `revoke` replace."""
    return {"owner": found.owner, "revoked": "no", **dict(consent_facts(found, do))}


def payment_state(found: Recording, do: Session, after: Split) -> State:
    """Whom a recording pays now, and whom the split pays that it is to get."""
    then = split_or_owner(do, after.id, do.address)
    now = in_words(split_of(do, found), do)
    return {"owner": found.owner, "split": str(found.split), "paid": now,
            f"split {after.id}": in_words(then, do)}  # fmt: skip


def watch(do: Session, found: Recording, state: Callable[[Recording], State]) -> Watch:
    """Watches a recording from what was read of it for the question."""
    return Watch(state(found), lambda: state(known(do, found.id)))


def uses_shown(mask: int, do: Session) -> str:
    return str(mask) if do.raw else units.uses_text(mask)


def share_shown(share: int, do: Session) -> str:
    return str(share) if do.raw else units.percent_text(share, units.BASIS)


def date_shown(seconds: int, do: Session) -> str:
    return str(seconds) if do.raw else units.moment_text(seconds)


def recording_json(found: Recording, do: Session) -> dict[str, Any]:
    return {
        "recording": found.id, "owner": found.owner, "split": found.split, "isrc": found.isrc,
        "uses": units.uses_text(found.uses).split(","), "max_share": found.max_share,
        "consent_from": found.consent_from, "consent_until": found.consent_until,
        "revoked_at": found.revoked_at or None, "version": found.version,
        "floors": {tier_name(n): do.money_json(f) for n, f in enumerate(found.floors)},
        "audio": found.audio, "metadata": found.metadata,
    }  # fmt: skip


def done_json(receipt: Any, **more: Any) -> dict[str, Any]:
    """What a command that sent a transaction prints with ``--json``."""
    return {**more, "transaction": receipt.hash, "block": receipt.block}
