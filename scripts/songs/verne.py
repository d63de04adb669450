"""Songs of the artist Halina Verne: keyboards and a small band. Soul, disco and bossa nova."""

from scripts.songs.song import Drums, Part, Section, Song

ARTIST = "Halina Verne"

PORCH_LIGHT = Song(
    slug="porch-light", title="Porch Light", artist=ARTIST, isrc="ZZHV12600001",
    bpm=90, key="F major", swing=0.58, room=1.1, echo=3, tags=("soul", "electric piano"),
    form=("intro", "A", "B", "A2", "end"),
    sections={
        "intro": Section("Fmaj9 | Gm7 C7", 0.8),
        "A": Section("Fmaj9 | Am7 Dm7 | Bbmaj7 | Gm7 C7", 0.92),
        "B": Section("Bbmaj7 | Am7 D7 | Gm7 | C7sus C7"),
        "A2": Section("Fmaj9 | Bbmaj7 C7"),
        "end": Section("Fmaj9", 0.8, fill=False),
    },
    parts=(
        Part("electric piano", "comp", {
            "intro": "x_______o_______|x_____o_x_____o_",
            "A": "x_____o___x_____|x_____o_x_____-_|x_____o___x___o_|x_____o_x___o___",
            "B": "X_____o_____x___|x_____o_X_____o_|X_____o___x___o_|x___o___x___o___",
            "A2": "X_____o___x_____|x_____o_x___o___",
            "end": "x_______________",
        }, level=-20.5, pan=-0.3, room=0.3, low=55, strum=7),
        Part("upright bass", "bass", {
            "intro": "R_______5_______|R_____l_R_____a_",
            "A": "R_____l_R___5_a_|R_____5_R_____a_|R_____l_R_5_8_a_|R_____5_R___3_a_",
            "B": "R_____5_8___5_a_|R_____5_R___3_a_|R_____l_R___5_a_|R___5___R_R_5_a_",
            "A2": "R_____l_R___5_a_|R_____5_R___3_a_",
            "end": "R_______________",
        }, level=-19.5, room=0.04, low=29, lows=30, late=4),
        Part("vibraphone", "tune", {
            "A": "-:2 A4:2 C5:4 E5:2 D5:2 C5:4 | A4:3 C5:3 E5:2 F5:6 -:2"
                 " | -:2 D5:2 F5:4 E5:2 D5:2 C5:2 A4:2 | Bb4:4 D5:4 C5:6 -:2",
            "B": "F5:6 D5:2 F5:4 A5:4 | G5:4 E5:4 F#5:4 -:2 D5:2"
                 " | Bb4:2 D5:2 F5:4 D5:2 Bb4:2 G4:4 | F4:2 G4:2 Bb4:4 E5:4 G5:4",
            "A2": "A5:6 G5:2 E5:2 D5:2 C5:4 | D5:4 F5:4 G5:2 F5:2 E5:2 C5:2",
            "end": "F5:4 C5:4 A4:8",
        }, level=-21.0, pan=0.25, room=0.4, echo=0.3, lows=150),
        Part("warm pad", "comp", {
            "B": "x_______________", "A2": "o_______________", "end": "-_______________",
        }, level=-27.0, room=0.4, low=60),
    ),
    drums=Drums(
        lines={
            "intro": {"soft hat": "x.o.x.o.x.o.x.o.", "rim": "....x.......x...",
                      "soft kick": "o.......o......."},
            "A": {"soft kick": "X.....o.x.......|X......ox.o.....",
                  "brush": "....x.......x...", "rim": "....x.......x.-.",
                  "soft hat": "x.o.x.o-x.o.x.o-"},
            "B": {"soft kick": "X.....o.x..o....|X......ox.o.....",
                  "snare": "....x..-.-..x...", "soft hat": "x.o.x.ooX.o.x.o-",
                  "shaker": "o-x-o-x-o-x-o-x-"},
            "A2": {"soft kick": "X.....o.x..o....", "snare": "....x..-....x...",
                   "soft hat": "x.o.x.ooX.o.x.o-"},
            "end": {"soft kick": "x...............", "ride": "o..............."},
        },
        fill={"soft kick": "X.......x.......", "snare": "....x.....o-xxox",
              "soft hat": "x.o.x.o........."},
        gains={"soft kick": 1.0, "snare": -7.0, "brush": -8.0, "rim": -13.0, "soft hat": -12.0,
               "shaker": -16.0, "ride": -16.0},
        pans={"soft hat": 0.3, "shaker": -0.4, "rim": 0.15, "ride": 0.3},
        level=-20.0, drive=0.5, kick="soft kick",
    ),
)

GLASSHOUSE = Song(
    slug="glasshouse", title="Glasshouse", artist=ARTIST, isrc="ZZHV12600002",
    bpm=120, key="C minor", room=1.5, echo=3, tags=("disco", "strings"),
    form=("intro", "A", "B", "A", "out", "end"),
    sections={
        "intro": Section("Cm9 | Fm7 G7", 0.85),
        "A": Section("Cm9 | Fm7 | Bb7 | Ebmaj7", 0.94),
        "B": Section("Abmaj7 | G7 | Cm7 | Cm7 Bb"),
        "out": Section("Abmaj7 | G7"),
        "end": Section("Cm9", 0.9, fill=False),
    },
    parts=(
        Part("piano", "comp", {
            "intro": "x_______x__x__x_", "A": "x__x__x___x__x__|x__x__x___x__o__",
            "B": "X___x_x___x_x___|X___x_x___x_x_x_", "out": "X___x_x___x_x_x_",
            "end": "X_______________",
        }, level=-22.0, pan=-0.25, room=0.14, low=56),
        Part("disco bass", "bass", {
            "intro": "R_______R_____8_|R_____8_R___a_a_",
            "A": "R_8_R_8_R_8_R_5_|R_8_R_8_R_5_8_a_", "B": "R_8_R_8_R_8_5_8_|R_8_R_8_R_5_3_a_",
            "out": "R_8_R_8_R_8_5_8_|R_8_R_8_R_5_3_a_", "end": "R_______________",
        }, level=-19.5, room=0.02, low=29, lows=30, duck=0.3),
        Part("strings", "comp", {
            "A": "-_______________", "B": "x_______________", "out": "x_______x_______",
            "end": "x_______________",
        }, level=-25.0, room=0.35, low=64, duck=0.15, lows=200),
        Part("bell", "tune", {
            "A": "G4:3 Bb4:3 C5:4 -:2 Eb5:4 | F5:3 Eb5:3 C5:6 -:4"
                 " | D5:3 C5:3 Bb4:4 -:2 F5:4 | G5:3 F5:3 Eb5:6 -:4",
        }, level=-23.0, pan=0.3, room=0.3, echo=0.3, lows=200),
        Part("strings", "tune", {
            "B": "C6:8 Eb6:4 G5:4 | F5:6 D5:2 B5:8 | C6:4 Eb6:4 G5:4 Bb5:4 | G5:6 Eb5:2 D5:8",
            "out": "C6:8 Eb6:4 G6:4 | F6:6 D6:2 B5:8", "end": "C6:16",
        }, level=-22.5, pan=0.1, room=0.4, echo=0.1, lows=250),
    ),
    drums=Drums(
        lines={
            "intro": {"house kick": "X...x...X...x...", "hat": "..o...o...o...o."},
            "A": {"house kick": "X...x...X...x...", "clap": "....x.......x...",
                  "hat": "x-o-x-o-x-o-x-o-", "open hat": "..x...x...x...x."},
            "B": {"house kick": "X...x...X...x...", "clap": "....x.......x...",
                  "snare": "....x.......x..-", "open hat": "..X...X...X...X.",
                  "tambourine": "x-o-x-o-x-o-x-o-", "crash": "x...............|................"},
            "out": {"house kick": "X...x...X...x...", "clap": "....x.......x...",
                    "open hat": "..X...X...X...X.", "tambourine": "x-o-x-o-x-o-x-o-"},
            "end": {"house kick": "X...............", "crash": "x..............."},
        },
        fill={"snare": "....x...x.x.xxxx", "open hat": "..x...x........."},
        gains={"house kick": 1.0, "clap": -7.0, "snare": -7.0, "hat": -14.0, "open hat": -15.0,
               "tambourine": -17.0, "crash": -17.0},
        pans={"hat": 0.25, "open hat": 0.25, "tambourine": -0.35, "crash": -0.2},
        level=-19.0,
    ),
)

PAPER_BOATS = Song(
    slug="paper-boats", title="Paper Boats", artist=ARTIST, isrc="ZZHV12600003",
    bpm=138, key="Bb major", room=1.3, echo=6, tags=("bossa", "piano"),
    form=("intro", "A", "B", "out", "end"),
    sections={
        "intro": Section("Bbmaj7 | Cm7 F7", 0.85),
        "A": Section("Bbmaj7 | Gm7 | Cm7 | F7 | Bbmaj7 | Gm7 | Cm7 | F7", 0.92),
        "B": Section("Ebmaj7 | Dm7 | Cm7 | F7 | Ebmaj7 | Dm7 Gm7 | Cm7 | F7"),
        "out": Section("Bbmaj7 | Cm7 F7", 0.92),
        "end": Section("Bb6", 0.85, fill=False),
    },
    parts=(
        Part("nylon guitar", "comp", {
            "intro": "x___x___x___x_o_|x___x_o_x___x___",
            "A": "x___x___x___x_o_|x___x_o_x___x___",
            "B": "x_-_x_-_x_-_x_o_|x_-_x_o_x_-_x___",
            "out": "x___x___x___x_o_|x___x_o_x___x___", "end": "x_______________",
        }, level=-20.5, pan=-0.3, room=0.16, low=52, strum=5),
        Part("upright bass", "bass", {
            "intro": "R_______5_____a_", "A": "R_______5_____5_|R_______5_____a_",
            "B": "R___R___5___5___|R_______5_____a_", "out": "R_______5_____a_",
            "end": "R_______________",
        }, level=-19.5, room=0.04, low=29, lows=30),
        Part("piano", "tune", {
            "A": "-:2 D5:4 F5:2 A5:6 G5:2 | F5:6 D5:2 Bb4:6 -:2 | -:2 Eb5:4 G5:2 Bb5:6 A5:2"
                 " | G5:6 Eb5:2 C5:6 -:2 | -:2 D5:4 F5:2 A5:4 Bb5:4 | D6:6 Bb5:2 G5:6 -:2"
                 " | -:2 G5:4 Eb5:2 C5:4 Eb5:4 | A4:6 C5:2 F5:6 -:2",
            "out": "D5:4 F5:4 A5:4 F5:4 | G5:4 Eb5:4 C5:4 A4:4", "end": "Bb4:4 D5:4 F5:8",
        }, level=-20.5, pan=0.15, room=0.22, echo=0.1, lows=180),
        Part("flute", "tune", {
            "B": "G5:8 Bb5:6 G5:2 | F5:8 A5:6 F5:2 | Eb5:6 D5:2 C5:4 G5:4 | F5:10 -:6"
                 " | G5:4 Bb5:4 D6:6 C6:2 | A5:6 F5:2 D5:4 Bb5:4 | G5:6 F5:2 Eb5:4 C5:4"
                 " | A5:8 F5:6 -:2",
        }, level=-21.5, pan=0.2, room=0.35, echo=0.12, lows=200),
    ),
    drums=Drums(
        lines={
            "intro": {"shaker": "X-o-X-o-X-o-X-o-", "soft kick": "x.......x......."},
            "A": {"soft kick": "X...o...X...o.-.", "rim": "x.....x.....x...|....x.....x.....",
                  "soft hat": "o...X...o...X...", "shaker": "X-o-X-o-X-o-X-o-"},
            "B": {"soft kick": "X...o...X...o.-.", "rim": "x.....x.....x...|....x.....x.....",
                  "soft hat": "o...X...o...X...", "brush": "....x.......x...",
                  "ride": "x...x.o.x...x.o."},
            "out": {"soft kick": "X...o...X...o.-.", "rim": "x.....x.....x...|....x.....x.....",
                    "soft hat": "o...X...o...X...", "shaker": "X-o-X-o-X-o-X-o-"},
            "end": {"soft kick": "x...............", "ride": "x..............."},
        },
        fill={"rim": "x...x...x...x...", "brush": "....o...o.oox.x."},
        gains={"soft kick": 1.0, "rim": -15.0, "shaker": -12.0, "brush": -9.0, "ride": -17.0,
               "soft hat": -7.0},
        pans={"shaker": 0.4, "rim": -0.2, "ride": 0.3, "soft hat": -0.15},
        level=-20.5, drive=0.4, kick="soft kick",
    ),
)

SONGS = (PORCH_LIGHT, GLASSHOUSE, PAPER_BOATS)
