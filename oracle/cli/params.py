"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

RecordingOption = Annotated[
    str, typer.Option("--recording", metavar="N", help="Number of the recording.")
]
RecordingArgument = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Number of the recording.")
]
SplitOption = Annotated[str, typer.Option(metavar="N", help="Split that is paid; 0 is you alone.")]
PayOthers = Annotated[
    bool, typer.Option("--pay-others", help="Take a split that does not name you.")
]
Uses = Annotated[
    str,
    typer.Option(
        metavar="USES", help="Of conditioning, training, commercial, voice: with commas."
    ),
]
MaxShare = Annotated[
    str, typer.Option(metavar="SHARE", help="Largest share of one track, such as 30%.")
]
From = Annotated[
    str, typer.Option("--from", metavar="DATE", help="First day (UTC); a past day means now.")
]
Until = Annotated[str, typer.Option(metavar="DATE", help="End, such as 2036-12-31 (00:00 UTC).")]
Pin = Annotated[
    str,
    typer.Option(
        metavar="WHERE", help="Where to publish: folder:PATH or kubo:ADDRESS; not the profile's."
    ),
]
