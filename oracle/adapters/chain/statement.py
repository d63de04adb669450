"""A payee's statement out of the chain's events: what was credited, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oracle.adapters.chain.history import Registered, Settled
from oracle.domain.money import MILLION
from oracle.domain.statement import Movement, sorted_rows


def statement(
    payee: str,
    registrations: Mapping[int, Registered],
    tables: Mapping[int, Mapping[str, int]],
    settlements: Iterable[Settled],
    payments: Iterable[Movement],
) -> list[Movement]:
    """Every row that concerns `payee`, sorted by block, log index and recording.

    Args:
        payee: EIP-55 address.
        registrations: by recording; says whose each is and which table divides it.
        tables: split to payee to millionths.
        payments: what was sent to this payee or parked for it.
    """
    shares = shares_of(payee, registrations, tables)
    credited = (row for settled in settlements for row in _credits(settled, shares))
    return sorted_rows([*credited, *payments])


def shares_of(
    payee: str,
    registrations: Mapping[int, Registered],
    tables: Mapping[int, Mapping[str, int]],
) -> dict[int, int]:
    """Recording to the payee's millionths of it, for every recording that pays the payee."""
    shares = {}
    for recording, registered in registrations.items():
        table = tables.get(registered.split) if registered.split else {registered.owner: MILLION}
        if table and payee in table:
            shares[recording] = table[payee]
    return shares


def _credits(settled: Settled, shares: Mapping[int, int]) -> Iterable[Movement]:
    made = settled.settlement
    for recording, amount in zip(made.recordings, made.amounts, strict=True):
        if recording in shares:
            yield Movement(
                kind="credited",
                block=made.block,
                log_index=settled.log_index,
                transaction=made.transaction,
                recording=recording,
                order=made.order,
                manifest="0x" + made.manifest.hex(),
                share=shares[recording],
                amount=amount,
            )
