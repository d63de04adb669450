"""The command line: `refrain node serve | info | analyse | generate | render | embed`.

Nothing heavy is imported before a command runs, so that the help needs no extra.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oracle.domain import streams
from oracle.domain.environment import path_of
from oracle.domain.errors import InvalidInput, RefrainError

if TYPE_CHECKING:
    from generator.engines.base import Progress
    from generator.local_commands import EngineProcess

DONE, FAILED, USAGE = 0, 1, 2
LONGEST = 300
"""Characters of a line about a command line, which may repeat a long word of it."""
DEFAULT_ENGINE = "mosaic"

app = typer.Typer(
    help="Run a generation node, or its engines on files.", no_args_is_help=True,
    rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip

Cache = Annotated[
    Path | None, typer.Option(help="Where engines keep work; default: in REFRAIN_VAULT or home.")
]
Engine = Annotated[str, typer.Option(help="Name of the engine.")]
Out = Annotated[Path, typer.Option(help="WAV file to write.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it did what was asked, 1 with a reason on stderr when not."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    streams.prepare()
    try:
        code = app(words, prog_name="python -m generator", standalone_mode=False)
        streams.flush()
        return code if isinstance(code, int) else DONE
    except RefrainError as error:
        streams.complain(f"{error.title}: {error}")
        return FAILED
    except OSError as error:
        streams.drop_output()
        if streams.is_gone(error):
            return DONE
        streams.complain(streams.reason_of(error))
        return FAILED
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            getattr(error, "show")()  # noqa: B009
        else:
            streams.complain(f"Wrong usage: {error.format_message().strip()[:LONGEST]}")
        return USAGE
    except ModuleNotFoundError as error:
        print(f"needs the extra generator ({error.name} is missing): "
              "pip install 'refrain[generator]'", file=sys.stderr)  # fmt: skip
        return FAILED


@app.command()
def serve() -> None:
    """Run the generation node until it is told to stop."""
    from generator.engines import ENGINES
    from generator.node import settings
    from generator.node.bootstrap import build
    from generator.node.routes import create_app
    from oracle.http.fronted import fronted
    from oracle.http.log import log_to_stderr
    from oracle.http.server import serve as run

    found = settings.read(os.environ)
    log_to_stderr()
    app = fronted(create_app(build(found, ENGINES)), found.front)
    run(app, found.host, found.port, found.limits)


@app.command()
def info(cache: Cache = None) -> None:
    """Say what this installation can do."""
    from generator.attribution import METHODS
    from generator.embeddings import state
    from generator.engines import ENGINES
    from generator.node import settings

    _print(
        {
            "engines": {name: engine.version for name, engine in ENGINES.items()},
            "attribution": list(METHODS),
            "clap": state(settings.checkpoint(os.environ)),
            "cache": str(cache or _cache()),
        }
    )


@app.command()
def analyse(
    file: Annotated[Path, typer.Argument(help="WAV, AIFF, FLAC, MP3 or Ogg.")],
    engine: Engine = DEFAULT_ENGINE,
    cache: Cache = None,
) -> None:
    """Show what an engine hears in one file."""
    from generator import local_commands

    with _work(cache, "analysing") as (process, tell):
        _print(local_commands.analyse(process, _known(engine), file, tell))


@app.command()
def generate(
    reference: Annotated[
        list[str],
        typer.Option(metavar="FILE=WEIGHT", help="Once a reference; weights are relative."),
    ],
    out: Out,
    length: Annotated[int, typer.Option(help="Seconds.")] = 30,
    seed: Annotated[int, typer.Option(help="0 to 2^64 - 1.")] = 0,
    prompt: Annotated[str, typer.Option(help="Words that steer the track.")] = "",
    trace: Annotated[
        Path | None, typer.Option(help="JSON file to write; default: beside the WAV.")
    ] = None,
    engine: Engine = DEFAULT_ENGINE,
    cache: Cache = None,
) -> None:
    """Make a track and its trace, without chain or node."""
    from generator import local_commands

    wanted = local_commands.Wanted(
        engine=_known(engine),
        references=[local_commands.weighted(text) for text in reference],
        length=length,
        seed=seed,
        prompt=prompt,
    )
    beside = trace or _file(out, "--out").with_suffix(".json")
    with _work(cache, "generating") as (process, tell):
        _print(local_commands.generate(process, wanted, out, beside, tell))


def _file(path: Path, option: str) -> Path:
    """The path, refused if it has no file name, as the empty path."""
    if not path.name:
        raise InvalidInput("must name a file", field=option, value=path)
    return path


@app.command()
def render(
    trace: Annotated[Path, typer.Argument(help="The trace that `generate` wrote.")],
    references: Annotated[Path, typer.Option(help="Folder of the recordings.")],
    out: Out,
    cache: Cache = None,
) -> None:
    """Make the track of a trace again, from files found by their content."""
    from generator import local_commands

    with _work(cache, "rendering") as (process, tell):
        _print(local_commands.render(process, trace, references, _file(out, "--out"), tell))


@app.command()
def embed(
    file: Annotated[Path, typer.Argument(help="Audio file.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="Instead of REFRAIN_CLAP_CHECKPOINT.")
    ] = None,
    cache: Cache = None,
) -> None:
    """Compute the CLAP embedding of one file."""
    from generator import local_commands
    from generator.node import settings

    with _work(cache, "embedding") as (process, tell):
        chosen = checkpoint or settings.checkpoint(os.environ)
        _print(local_commands.embed(process, file, chosen, tell))


def _known(engine: str) -> str:
    from generator.engines import ENGINES

    if engine not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise InvalidInput(f"must be one of {known}", field="--engine", value=engine)
    return engine


def _print(found: Mapping[str, Any]) -> None:
    print(json.dumps(found, indent=2))


@contextlib.contextmanager
def _work(cache: Path | None, doing: str) -> Iterator[tuple[EngineProcess, Progress]]:
    """An engine's process and a bar on stderr; stdout stays for the result."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    from generator import local_commands
    from generator.engines import ENGINES

    process = local_commands.EngineProcess(ENGINES, cache or _cache())
    try:
        console = Console(stderr=True)
        with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:
            bar = bars.add_task(doing, total=100)
            yield process, lambda percent: bars.update(bar, completed=percent)
    finally:
        process.close()


def _cache() -> Path:
    if vault := os.environ.get("REFRAIN_VAULT"):
        return path_of(vault, "REFRAIN_VAULT") / "cache"
    return path_of("~", "--cache") / ".cache" / "refrain" / "engines"
