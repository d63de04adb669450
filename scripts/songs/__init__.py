"""The demo catalogue: songs by invented artists, composed as text and synthesised here.

`SONGS` lists them, `render_song` renders one, `render_catalogue` fills a folder with WAV files. The
files have the same bytes on every machine. From a shell: `python -m scripts.songs OUT_FOLDER`.
"""

from scripts.songs.mixing import render_song
from scripts.songs.shelf import SONGS, render_catalogue
from scripts.songs.song import Song

__all__ = ["SONGS", "Song", "render_catalogue", "render_song"]
