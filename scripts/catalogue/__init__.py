"""The demo catalogue: songs by invented artists, composed and synthesised from text and integers.

`SONGS` lists them, `render_song` makes one, `render_catalogue` fills a folder with WAV files that
are the same bytes on every machine. `python -m scripts.catalogue OUT_FOLDER` does it from a shell.
"""

from scripts.catalogue.mixing import render_song
from scripts.catalogue.shelf import SONGS, render_catalogue
from scripts.catalogue.song import Song

__all__ = ["SONGS", "Song", "render_catalogue", "render_song"]
