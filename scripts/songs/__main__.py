"""`python -m scripts.songs OUT_FOLDER`: renders the songs that are missing in the folder."""

import argparse
from pathlib import Path

from scripts.songs.shelf import SONGS, render_catalogue, stamp


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.songs", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where the WAV files go")
    parser.add_argument("--only", nargs="+", metavar="SLUG", choices=[s.slug for s in SONGS])
    parser.add_argument("--workers", type=int, default=2, help="songs rendered at a time")
    parser.add_argument("--list", action="store_true", help="name the songs and render nothing")
    parser.add_argument("--stamp", action="store_true", help="make these files the reference")
    found = parser.parse_args()
    if found.folder is None and not found.list:
        parser.error("OUT_FOLDER is missing")
    return found


def _list() -> None:
    for song in SONGS:
        print(f"{song.slug:16} {song.bpm:3} bpm  {song.key:9} {song.isrc}  {song.artist}: "
              f"{song.title} ({', '.join(song.tags)})")


def main() -> None:
    """Renders the songs as the command line asks."""
    found = _arguments()
    if found.list:
        _list()
        return
    songs = [song for song in SONGS if not found.only or song.slug in found.only]
    render_catalogue(found.folder, lambda line: print(line, flush=True), songs, found.workers)
    if found.stamp:
        stamp(found.folder)


if __name__ == "__main__":
    main()
