"""The command line: `python -m generator serve | analyse | generate | render | embed | info`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import local, settings
from generator.engines import ENGINES
from generator.engines.base import Progress
from oracle.domain.errors import RefrainError

FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 with a reason on stderr when not."""
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = parsed.command
    try:
        command(parsed)
    except RefrainError as error:
        print(f"{error.title}: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"{error.filename or 'file'}: {error.strerror}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    return 0


def serve(parsed: argparse.Namespace) -> None:
    """The generation node, until it is told to stop."""
    import logging

    import uvicorn

    from generator.node import create_app
    from generator.service import build

    found = settings.read(os.environ)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(build(found, ENGINES))
    uvicorn.run(
        app,
        host=found.host,
        port=found.port,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )


def analyse(parsed: argparse.Namespace) -> None:
    """What an engine hears in one file."""
    with _work(parsed, "analysing") as (bench, tell):
        _print(local.analyse(bench, parsed.engine, parsed.file, tell))


def generate(parsed: argparse.Namespace) -> None:
    """A track and its trace, without chain or node."""
    wanted = local.Wanted(
        engine=parsed.engine,
        references=[local.weighted(text) for text in parsed.reference],
        length=parsed.length,
        seed=parsed.seed,
    )
    trace = parsed.trace or parsed.out.with_suffix(".json")
    with _work(parsed, "generating") as (bench, tell):
        _print(local.generate(bench, wanted, parsed.out, trace, tell))


def render(parsed: argparse.Namespace) -> None:
    """The track of a trace again, from files named by their content."""
    with _work(parsed, "rendering") as (bench, tell):
        _print(local.render(bench, parsed.trace, parsed.references, parsed.out, tell))


def embed(parsed: argparse.Namespace) -> None:
    """The CLAP embedding of one file."""
    checkpoint = parsed.checkpoint or settings.checkpoint(os.environ)
    with _work(parsed, "embedding") as (bench, tell):
        _print(local.embed(bench, parsed.file, checkpoint, tell))


def info(parsed: argparse.Namespace) -> None:
    """What this installation can do."""
    from generator.attribution import METHODS
    from generator.embeddings import state

    _print(
        {
            "engines": {name: engine.version for name, engine in ENGINES.items()},
            "attribution": list(METHODS),
            "clap": state(settings.checkpoint(os.environ)),
            "cache": str(parsed.cache),
        }
    )


def _print(found: Mapping[str, Any]) -> None:
    print(json.dumps(found, indent=2))


@contextlib.contextmanager
def _work(parsed: argparse.Namespace, doing: str) -> Iterator[tuple[local.Workshop, Progress]]:
    """A workshop and a bar on stderr; stdout stays for the result."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    bench = local.Workshop(ENGINES, parsed.cache)
    try:
        with Bars(console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task(doing, total=100)
            yield bench, lambda percent: bars.update(bar, completed=percent)
    finally:
        bench.close()


def _cache() -> Path:
    vault = os.environ.get("REFRAIN_VAULT")
    return Path(vault, "cache") if vault else Path.home() / ".cache" / "refrain" / "engines"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _add(commands, serve)
    _add(commands, info)
    made = _add(commands, analyse)
    made.add_argument("file", type=Path, help="WAV, FLAC, MP3 or OGG")
    _add_generate(_add(commands, generate))
    made = _add(commands, render)
    made.add_argument("trace", type=Path)
    made.add_argument("--references", type=Path, required=True, help="folder of the recordings")
    made.add_argument("--out", type=Path, required=True, help="WAV file to write")
    made = _add(commands, embed)
    made.add_argument("file", type=Path)
    made.add_argument("--checkpoint", type=Path, help="instead of REFRAIN_CLAP_CHECKPOINT")
    return parser


def _add(commands: Any, command: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    name = command.__name__
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=command.__doc__, description=command.__doc__
    )
    made.set_defaults(command=command)
    if name != "serve":
        made.add_argument("--cache", type=Path, default=_cache(), help="where engines keep work")
    if name in ("analyse", "generate"):
        made.add_argument("--engine", choices=sorted(ENGINES), default=next(iter(ENGINES)))
    return made


def _add_generate(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--reference",
        action="append",
        required=True,
        metavar="FILE=WEIGHT",
        help="once a reference; weights are whole and relative",
    )
    made.add_argument("--length", type=int, default=30, help="seconds")
    made.add_argument("--seed", type=int, default=0, help="0 to 2^64 - 1")
    made.add_argument("--out", type=Path, required=True, help="WAV file to write")
    made.add_argument("--trace", type=Path, help="JSON file to write; beside the WAV if not given")
