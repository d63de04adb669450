"""The catalogue: every song, and the files in the folder of the rendered songs."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from scripts.songs import copper, neon, okoye, verne
from scripts.songs.mixing import render_song
from scripts.songs.song import Song
from scripts.songs.wave import wav

SONGS: Final[tuple[Song, ...]] = (*verne.SONGS, *copper.SONGS, *neon.SONGS, *okoye.SONGS)
STAMPS: Final = Path(__file__).with_name("stamps.json")

Progress = Callable[[str], None]


def quiet(line: str) -> None:
    """A progress callback that does nothing."""


@lru_cache(maxsize=1)
def stamps() -> dict[str, str]:
    """The expected SHA-256 of each song's file, by slug; the same on every machine."""
    return dict(json.loads(STAMPS.read_text("utf-8"))) if STAMPS.exists() else {}


def path_of(song: Song, folder: Path) -> Path:
    """The file of a song in a folder."""
    return folder / f"{song.slug}.wav"


def is_there(song: Song, folder: Path) -> bool:
    """Whether the folder has the song with the expected SHA-256."""
    path = path_of(song, folder)
    if not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == stamps().get(song.slug)


def _write(slug: str, folder: Path) -> str:
    data = wav(render_song(song_of(slug)))
    path = path_of(song_of(slug), folder)
    draft = path.with_suffix(f".{os.getpid()}.part")
    draft.write_bytes(data)
    draft.replace(path)
    return hashlib.sha256(data).hexdigest()


def song_of(slug: str) -> Song:
    """The song with this slug. Raises `KeyError` if the catalogue has none."""
    return {song.slug: song for song in SONGS}[slug]


def _written(songs: list[Song], folder: Path, workers: int) -> Iterator[str]:
    slugs = [song.slug for song in songs]
    if min(workers, len(slugs)) < 2:
        yield from (_write(slug, folder) for slug in slugs)
        return
    # Each worker is a new interpreter: a fork would copy the threads and locks of the caller.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(_write, slugs, repeat(folder))


def render_catalogue(
    folder: Path, progress: Progress = quiet, songs: Sequence[Song] = SONGS, workers: int = 2
) -> list[Path]:
    """Renders the missing songs, `workers` at a time; the path of each song, in order.

    `progress` gets a line for each song. The line says if the file differs from the expected one:
    then the machine's arithmetic is not IEEE 754, or the music changed without a new stamp."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [song for song in songs if not is_there(song, folder)]
    for song in songs:
        if song not in missing:
            progress(f"{song.slug}: there")
    for song, digest in zip(missing, _written(missing, folder, workers), strict=True):
        same = digest == stamps().get(song.slug)
        progress(f"{song.slug}: rendered{'' if same else ', differs from its stamp'}")
    return [path_of(song, folder) for song in songs]


def stamp(folder: Path) -> None:
    """Makes the files in `folder` the expected ones."""
    found = {s.slug: hashlib.sha256(path_of(s, folder).read_bytes()).hexdigest() for s in SONGS}
    STAMPS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
