"""Addresses that get money or a recording: somebody must be able to pass on what they get."""

from __future__ import annotations

from oracle.cli import units
from oracle.cli.session import Session
from oracle.cli.units import Malformed
from oracle.domain.errors import InvalidInput


def receiver(do: Session, text: str, field: str) -> str:
    """The EIP-55 form of the address of somebody who can receive.

    Raises:
        Malformed: no address, one that nobody has, or a contract of the deployment that keeps for
            ever what it gets.
    """
    from oracle.adapters.addresses import require_somebody

    who = units.address(text, field)
    try:
        require_somebody(who, field)
    except InvalidInput as error:
        raise Malformed(error.detail, field=field, value=who) from None
    part = do.connection.deployment.keeps(who)
    if part:
        detail = f"is the {part} of this deployment, which keeps for ever what it gets"
        raise Malformed(detail, field=field, value=who)
    return who
