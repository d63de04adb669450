"""Songs of the artist Copper & Rye: acoustic strings. Folk, a reel and a road song."""

from scripts.songs.song import Drums, Part, Section, Song

ARTIST = "Copper & Rye"

SALTMARSH = Song(
    slug="saltmarsh", title="Saltmarsh", artist=ARTIST, isrc="ZZCR22600001",
    bpm=88, key="D major", room=1.6, echo=4, tags=("folk", "fingerpicked"),
    form=("intro", "A", "B", "A2", "end"),
    sections={
        "intro": Section("D | G A", 0.8),
        "A": Section("D | A/C# | Bm7 | G A", 0.9),
        "B": Section("G | D/F# | Em7 | A"),
        "A2": Section("D | G A", 0.95),
        "end": Section("D", 0.8, fill=False),
    },
    parts=(
        Part("steel guitar", "arp", {
            "intro": "b.2.1.3.b.2.1.3.|b.2.1.3.b.2.3.1.",
            "A": "b.2.1.3.b.2.3.1.|b.2.13.2b.2.1.3.",
            "B": "b.213.2.b.213.2.|b.2.1.3.b.23.12.",
            "A2": "b.2.1.3.b.2.3.1.|b.2.1.3.b.2.3.1.", "end": "b.0.1.2.3.4_____",
        }, level=-20.0, pan=-0.25, room=0.2, low=54, lows=70),
        Part("nylon guitar", "comp", {
            "B": "x_____o_x_____o_", "A2": "x_____o_x_____o_", "end": "o_______________",
        }, level=-25.0, pan=0.4, room=0.2, low=57, strum=12),
        Part("upright bass", "bass", {
            "A": "R_______R_____5_|R_______R___l_a_", "B": "R_____R_5_____a_",
            "A2": "R_______R___l_a_", "end": "R_______________",
        }, level=-20.5, room=0.05, low=29, lows=30),
        Part("whistle", "tune", {
            "A": "F#5:6 E5:2 D5:4 A4:4 | E5:6 D5:2 C#5:4 -:4 | D5:4 F#5:4 A5:6 F#5:2"
                 " | B5:4 A5:4 E5:6 -:2",
            "B": "B4:2 D5:2 G5:6 F#5:2 E5:2 D5:2 | A5:8 F#5:4 D5:4 | G5:4 F#5:2 E5:2 B4:4 E5:4"
                 " | C#5:4 E5:4 A5:6 -:2",
            "A2": "F#5:4 A5:4 D6:6 A5:2 | B5:4 G5:4 A5:4 C#5:4", "end": "D5:12 -:4",
        }, level=-21.0, pan=0.15, room=0.4, echo=0.12, lows=250),
        Part("strings", "comp", {
            "B": "o_______________", "A2": "o_______________", "end": "-_______________",
        }, level=-30.0, room=0.4, low=59, notes=3),
    ),
    drums=Drums(
        lines={
            "intro": {"shaker": "x-o-x-o-x-o-x-o-"},
            "A": {"cajon": "X.....o.x..o....", "slap": "....x.......x..-",
                  "shaker": "x-o-x-o-x-o-x-o-"},
            "B": {"cajon": "X.....o.x.xo....", "slap": "....x..-.-..x..-",
                  "shaker": "x-o-x-o-x-o-x-oo", "tambourine": "....x.......x..."},
            "A2": {"cajon": "X.....o.x..o....", "slap": "....x..-....x..-",
                   "shaker": "x-o-x-o-x-o-x-o-", "tambourine": "....x.......x..."},
            "end": {"cajon": "x..............."},
        },
        fill={"cajon": "X...x.o.x.......", "slap": "....x...-.o.xoxx"},
        gains={"cajon": 2.0, "slap": -4.0, "shaker": -15.0, "tambourine": -18.0},
        pans={"shaker": 0.35, "tambourine": -0.35, "slap": 0.1},
        level=-21.0, room=0.18, drive=0.4, kick="cajon",
    ),
)

HARBOUR_REEL = Song(
    slug="harbour-reel", title="Harbour Reel", artist=ARTIST, isrc="ZZCR22600002",
    bpm=118, key="G major", room=1.0, echo=4, tags=("reel", "fiddle"),
    form=("intro", "A", "B", "A", "out", "end"),
    sections={
        "intro": Section("G | C D", 0.85),
        "A": Section("G | D/F# | Em | C D", 0.93),
        "B": Section("C | G/B | Am7 | D"),
        "out": Section("C | D"),
        "end": Section("G", 0.95, fill=False),
    },
    parts=(
        Part("steel guitar", "comp", {
            "intro": "X___x_o_X_-_x_o_", "A": "X___x_o_X_-_x_o_", "B": "X_o_x_o_X_o_x_xo",
            "out": "X_o_x_o_X_o_x_xo", "end": "X_______________",
        }, level=-21.0, pan=-0.35, room=0.1, low=52, notes=5, strum=3.5, lows=110),
        Part("picked bass", "bass", {
            "intro": "R_______5_______", "A": "R_______5_______|R_______5_____a_",
            "B": "R___R___5_____a_", "out": "R___R___5_____a_", "end": "R_______________",
        }, level=-20.0, room=0.03, low=31, lows=30),
        Part("mandolin", "arp", {
            "A": "3.2.1.2.3.2.1.2.", "B": "3.212.123.212.12", "out": "3.212.123.212.12",
            "end": "3_______________",
        }, level=-25.5, pan=0.45, room=0.15, low=62, lows=200),
        Part("fiddle", "tune", {
            "A": "B4:2 D5:2 G5:2 D5:2 B5:2 A5:2 G5:2 D5:2 | F#5:2 A5:2 D5:2 F#5:2 A5:4 F#5:2 D5:2"
                 " | E5:2 G5:2 B5:2 G5:2 E5:2 F#5:2 G5:2 B5:2"
                 " | C6:2 B5:2 A5:2 G5:2 F#5:2 E5:2 D5:4",
            "B": "E5:4 G5:2 C6:4 B5:2 G5:4 | D5:4 G5:2 B5:4 A5:2 G5:4"
                 " | C5:2 E5:2 A5:4 G5:2 E5:2 C5:4 | D5:2 F#5:2 A5:4 F#5:2 A5:2 D6:4",
            "out": "E5:2 G5:2 C6:4 B5:2 A5:2 G5:4 | F#5:2 G5:2 A5:2 B5:2 C6:2 B5:2 A5:2 F#5:2",
            "end": "G5:12 -:4",
        }, level=-20.5, pan=0.1, room=0.28, echo=0.06, lows=200),
    ),
    drums=Drums(
        lines={
            "intro": {"stomp": "X...x...X...x...", "hands": "....o.......o..."},
            "A": {"stomp": "X...x...X...x...", "hands": "....x.......x...",
                  "tambourine": "..o...o...o...o."},
            "B": {"stomp": "X...x...X...x.o.", "hands": "....x.......x...",
                  "tambourine": "x-o-x-o-x-o-x-o-", "mid tom": "..........o...o.",
                  "crash": "o...............|................|................|................"},
            "out": {"stomp": "X...x...X...x.o.", "hands": "....x.......x...",
                    "tambourine": "x-o-x-o-x-o-x-o-"},
            "end": {"stomp": "X...............", "crash": "o...............",
                    "hands": "x..............."},
        },
        fill={"mid tom": "........x.xx....", "low tom": "............x.xx",
              "hands": "....x..........."},
        gains={"stomp": 2.0, "hands": -7.0, "tambourine": -16.0, "mid tom": -7.0, "low tom": -5.0,
               "crash": -21.0},
        pans={"tambourine": 0.35, "mid tom": -0.25, "low tom": 0.25, "hands": -0.1},
        level=-19.5, room=0.2, kick="stomp",
    ),
)

RUN_THE_RIDGE = Song(
    slug="run-the-ridge", title="Run the Ridge", artist=ARTIST, isrc="ZZCR22600003",
    bpm=140, key="E major", room=1.2, echo=6, tags=("rock", "electric guitar"),
    form=("intro", "A", "B", "out", "end"),
    sections={
        "intro": Section("E | A B", 0.9),
        "A": Section("E | B | C#m | A | E | B | C#m | A", 0.93),
        "B": Section("A | B | E/G# | F#m7 B | A | B | C#m | A B"),
        "out": Section("E | A B"),
        "end": Section("E", 0.95, fill=False),
    },
    parts=(
        Part("electric guitar", "comp", {
            "intro": "X_x_x_x_X_x_x_x_", "A": "X_x_x_X_x_x_X_x_",
            "B": "X_____X_____X___|X___X___X_x_x_x_",
            "out": "X_____X_____X___|X___X___X_x_x_x_", "end": "X_______________",
        }, level=-22.0, pan=-0.45, room=0.1, low=40, notes=3, drive=2.2, lows=110),
        Part("steel guitar", "comp", {
            "A": "X___x_x_X_o_x_x_", "B": "X_o_x_x_X_o_x_xo", "out": "X_o_x_x_X_o_x_xo",
            "end": "X_______________",
        }, level=-23.0, pan=0.45, room=0.1, low=52, notes=5, strum=3, lows=130),
        Part("picked bass", "bass", {
            "intro": "R_R_R_R_R_R_R_R_", "A": "R_R_R_R_R_R_R_R_|R_R_R_R_R_R_5_a_",
            "B": "R_R_R_R_R_R_5_8_|R_R_R_R_R_5_3_a_", "out": "R_R_R_R_R_R_5_8_",
            "end": "R_______________",
        }, level=-19.5, room=0.02, low=28, lows=30, drive=0.5),
        Part("electric guitar", "tune", {
            "A": "B4:4 E5:4 G#5:6 F#5:2 | F#5:4 D#5:4 B4:8 | E5:4 G#5:4 B5:6 A5:2"
                 " | G#5:4 E5:4 C#5:8 | B4:4 E5:4 G#5:6 B5:2 | A5:4 F#5:4 D#5:8"
                 " | E5:4 G#5:4 C#6:6 B5:2 | A5:4 E5:4 C#5:8",
            "B": "C#5:2 E5:2 A5:4 G#5:4 E5:4 | F#5:4 B5:4 A5:4 F#5:4 | G#5:6 E5:2 B4:8"
                 " | A5:4 G#5:4 F#5:8 | C#6:4 A5:4 E5:4 A5:4 | B5:6 F#5:2 D#5:8"
                 " | E5:4 G#5:4 C#6:8 | A5:4 C#6:4 B5:8",
            "out": "B5:6 G#5:2 E5:8 | A5:4 C#6:4 D#6:4 B5:4", "end": "E5:12 -:4",
        }, level=-21.0, pan=0.1, room=0.25, echo=0.2, drive=1.2, lows=250),
    ),
    drums=Drums(
        lines={
            "intro": {"rock kick": "X.......X.......", "hat": "x.x.x.x.x.x.x.x.",
                      "rock snare": "....x.......x..."},
            "A": {"rock kick": "X.....x.X.x.....", "rock snare": "....X.......X...",
                  "hat": "x.o.x.o.x.o.x.o."},
            "B": {"rock kick": "X.x...x.X.x...x.", "rock snare": "....X.......X...",
                  "ride": "x.o.x.o.x.o.x.o.",
                  "crash": "x...............|................|................|................"},
            "out": {"rock kick": "X.x...x.X.x...x.", "rock snare": "....X.......X...",
                    "crash": "x.......x......."},
            "end": {"rock kick": "X...............", "crash": "X..............."},
        },
        fill={"rock snare": "....X...x.xx....", "mid tom": "............xx..",
              "low tom": "..............xx"},
        gains={"rock kick": 1.0, "rock snare": -6.0, "hat": -18.0, "ride": -21.0, "crash": -18.0,
               "mid tom": -5.0, "low tom": -4.0},
        pans={"hat": 0.3, "ride": -0.3, "crash": -0.25, "mid tom": -0.2, "low tom": 0.3},
        level=-18.5, room=0.14, drive=1.0, kick="rock kick",
    ),
)

SONGS = (SALTMARSH, HARBOUR_REEL, RUN_THE_RIDGE)
