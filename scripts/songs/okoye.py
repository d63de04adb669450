"""Songs of the artist Mirela Okoye: brass, mallets, hand drums. Dub, highlife, a parade."""

from scripts.songs.song import Drums, Part, Section, Song

ARTIST = "Mirela Okoye"

DUST_AND_BRASS = Song(
    slug="dust-and-brass", title="Dust and Brass", artist=ARTIST, isrc="ZZMK42600001",
    bpm=90, key="G minor", room=1.7, echo=3, tags=("dub", "brass"),
    form=("intro", "A", "B", "A2", "end"),
    sections={
        "intro": Section("Gm | Gm F", 0.85),
        "A": Section("Gm | Gm F | Eb | Dm7", 0.94),
        "B": Section("Cm7 | F | Bb | D7"),
        "A2": Section("Gm | Eb D7"),
        "end": Section("Gm", 0.85, fill=False),
    },
    parts=(
        Part("organ", "comp", {
            "intro": "....x_......x_..", "A": "....x_......x_..|....x_......x_o_",
            "B": "....x_o_....x_o_", "A2": "....x_......x_o_", "end": "x_______________",
        }, level=-22.5, pan=-0.2, room=0.14, echo=0.12, low=58, notes=3, lows=160),
        Part("muted guitar", "comp", {
            "A": "..o...o...o...o.", "B": "..x...x...x...x.", "A2": "..x...x...x...x.",
        }, level=-27.0, pan=0.4, room=0.12, low=60, notes=3, strum=3, lows=200),
        Part("square bass", "bass", {
            "intro": "R_____R_5___R___", "A": "R___..R_5_R_..3_|R_R_..5_R_..8_5_",
            "B": "R_____5_8___5_R_|R___R_5_..R_..a_", "A2": "R___..R_5_R_..3_",
            "end": "R_______________",
        }, level=-18.5, room=0.0, low=31, lows=30),
        Part("brass", "tune", {
            "A": "D5:3 C5:3 Bb4:2 G4:4 -:4 | -:2 G4:2 Bb4:2 C5:2 A4:4 F4:4"
                 " | G4:3 Bb4:3 Eb5:2 D5:4 -:4 | C5:3 A4:3 F4:2 D4:6 -:2",
            "B": "Eb5:4 D5:2 C5:2 G5:6 -:2 | F5:3 Eb5:3 C5:2 A4:4 -:4 | D5:4 F5:4 Bb5:6 A5:2"
                 " | A5:4 F#5:4 D5:4 -:4",
            "A2": "D5:3 C5:3 Bb4:2 G4:8 | G4:4 Bb4:4 A4:4 F#4:4", "end": "G4:12 -:4",
        }, level=-20.5, pan=0.15, room=0.28, echo=0.35, lows=160),
        Part("brass", "comp", {
            "B": "X_............x_|X_......x_x_....", "A2": "X_......x_......",
        }, level=-26.0, pan=-0.3, room=0.25, echo=0.15, low=62, notes=3, lows=160),
    ),
    drums=Drums(
        lines={
            "intro": {"deep kick": "X...x...X...x...", "rim": "........x......."},
            "A": {"deep kick": "X...x...X...x...", "tight snare": "....o...X...o...",
                  "rim": "...o.....-..o...", "hat": "x.o.x.o.x.o.x.oo"},
            "B": {"deep kick": "X...x...X...x...", "tight snare": "....o...X...o..-",
                  "hat": "x.o.x.o.x.o.x.oo", "conga": "..o..oo...o..oo.",
                  "tumba": "......-x......-x"},
            "A2": {"deep kick": "X...x...X...x...", "tight snare": "....o...X...o...",
                   "hat": "x.o.x.o.x.o.x.oo", "conga": "..o..oo...o..oo."},
            "end": {"deep kick": "X...............", "rim": "x..............."},
        },
        fill={"tight snare": "....o...X.xxX.xx", "tumba": "......xx........"},
        gains={"deep kick": 0.0, "tight snare": -3.5, "rim": -9.0, "hat": -11.0, "conga": -7.0,
               "tumba": -7.0},
        pans={"hat": 0.25, "conga": -0.35, "tumba": -0.2, "rim": 0.2},
        level=-19.5, room=0.2, kick="deep kick",
    ),
)

KITE_MARKET = Song(
    slug="kite-market", title="Kite Market", artist=ARTIST, isrc="ZZMK42600002",
    bpm=120, key="Eb major", room=1.0, echo=4, tags=("highlife", "marimba"),
    form=("intro", "A", "B", "A", "out", "end"),
    sections={
        "intro": Section("Eb | Ab Bb", 0.88),
        "A": Section("Eb | Ab | Bb | Ab Bb", 0.94),
        "B": Section("Cm7 | Ab | Eb/G | Bb"),
        "out": Section("Ab | Bb"),
        "end": Section("Eb", 0.9, fill=False),
    },
    parts=(
        Part("muted guitar", "arp", {
            "intro": "0.2.3.2.1.3.2.3.", "A": "0.2.3.2.1.3.2.3.", "B": "3.12.3.13.12.3.1",
            "out": "3.12.3.13.12.3.1", "end": "3_______________",
        }, level=-22.0, pan=-0.6, room=0.25, low=55, lows=130),
        Part("organ", "comp", {
            "A": "o_____o___o_____", "B": "x_______o_______", "out": "x_______o_______",
            "end": "o_______________",
        }, level=-26.5, pan=0.35, room=0.3, low=51, lows=140),
        Part("log drum", "bass", {
            "intro": "R_____R_..5_....", "A": "R_____R_..5_8_..|R_____R_5_..R_a_",
            "B": "R_..R_..5_..R_8_", "out": "R_..R_..5_..R_8_", "end": "R_______________",
        }, level=-18.5, room=0.03, low=31, lows=30),
        Part("marimba", "tune", {
            "A": "G5:2 Bb5:2 -:2 G5:2 Eb5:3 F5:3 G5:2 | C6:2 Bb5:2 Ab5:2 Eb5:4 -:2 C5:2 Eb5:2"
                 " | F5:2 D5:2 -:2 F5:2 Bb5:3 Ab5:3 F5:2 | Eb5:3 Ab5:3 C6:2 Bb5:3 F5:3 D5:2",
            "out": "C6:3 Ab5:3 Eb5:2 C6:3 Ab5:3 Eb5:2 | D6:3 Bb5:3 F5:2 D5:3 F5:3 Bb5:2",
            "end": "Eb6:2 Bb5:2 G5:2 Eb5:10",
        }, level=-20.5, pan=0.3, room=0.25, echo=0.15, lows=200),
        Part("marimba", "arp", {
            "intro": "0.1.2.1.3.1.2.1.", "B": "0.121.2.0.121.2.",
            "out": "0.121.2.0.121.2.",
        }, level=-24.0, pan=0.6, room=0.2, low=63, lows=200),
        Part("flute", "tune", {
            "B": "G5:6 Eb5:2 C5:4 Bb4:4 | C5:6 Eb5:2 Ab5:8 | G5:4 Bb5:4 G5:4 Eb5:4"
                 " | F5:6 G5:2 F5:4 D5:4",
        }, level=-20.5, pan=-0.1, room=0.3, echo=0.12, lows=250),
    ),
    drums=Drums(
        lines={
            "intro": {"shaker": "x-o-x-o-x-o-x-o-", "clave": "x..x..x...x.x..."},
            "A": {"house kick": "X...x...X...x...", "rim": "...x..x....x..x.",
                  "shaker": "x-o-x-o-x-o-x-o-", "conga": "..o...oo..o...oo",
                  "tight snare": "....o.......o..."},
            "B": {"house kick": "X...x...X...x...", "clave": "x..x..x...x.x...",
                  "shaker": "xoooxoooxoooxooo", "conga": "..o..ooo..o..ooo",
                  "tumba": "x......xx.......", "tight snare": "....x.......x..."},
            "out": {"house kick": "X...x...X...x...", "clave": "x..x..x...x.x...",
                    "shaker": "xoooxoooxoooxooo", "conga": "..o..ooo..o..ooo",
                    "tight snare": "....x.......x..."},
            "end": {"house kick": "X...............", "cowbell": "x..............."},
        },
        fill={"conga": "..o..oooxxo.xxxx", "tumba": "x.......x..x....",
              "cowbell": "x...x...x...x..."},
        gains={"house kick": 0.0, "rim": -11.0, "shaker": -13.0, "conga": -7.0, "tumba": -6.0,
               "clave": -13.0, "tight snare": -9.0, "cowbell": -16.0},
        pans={"shaker": 0.4, "conga": -0.3, "tumba": -0.15, "clave": 0.3, "rim": 0.25,
              "cowbell": 0.2},
        level=-19.0, room=0.12,
    ),
)

TIN_ROOF_RAIN = Song(
    slug="tin-roof-rain", title="Tin Roof Rain", artist=ARTIST, isrc="ZZMK42600003",
    bpm=140, key="Ab major", room=1.1, echo=3, tags=("soca", "steel pan"),
    form=("intro", "A", "B", "out", "end"),
    sections={
        "intro": Section("Ab | Db Eb", 0.9),
        "A": Section("Ab | Db | Eb | Ab | Ab | Db | Eb | Ab", 0.94),
        "B": Section("Fm | Db | Bbm7 | Eb | Fm | Db | Bbm7 | Eb7"),
        "out": Section("Db | Eb"),
        "end": Section("Ab", 0.95, fill=False),
    },
    parts=(
        Part("steel pan", "tune", {
            "A": "C5:3 Eb5:3 Ab5:2 G5:3 Eb5:3 C5:2 | F5:3 Ab5:3 F5:2 Db5:4 -:4"
                 " | Bb4:3 Eb5:3 G5:2 F5:3 Eb5:3 Db5:2 | C5:3 Eb5:3 Ab4:2 -:8"
                 " | C5:3 Eb5:3 Ab5:2 C6:3 Ab5:3 Eb5:2 | F5:3 Ab5:3 Db6:2 Ab5:4 -:4"
                 " | Bb5:3 G5:3 Eb5:2 F5:3 G5:3 Bb5:2 | Ab5:3 Eb5:3 C5:2 Ab4:8",
            "B": "C6:4 Ab5:4 F5:4 Ab5:4 | Db6:4 Ab5:4 F5:8 | Db5:2 F5:2 Ab5:4 Bb5:4 Ab5:4"
                 " | G5:4 Bb5:4 Eb5:8 | C6:2 C6:2 Ab5:4 F5:2 F5:2 Ab5:4 | Db6:3 Ab5:3 F5:2 Ab5:8"
                 " | Bb5:2 Ab5:2 F5:4 Db5:4 F5:4 | G5:3 Bb5:3 Db6:2 Bb5:3 G5:3 Eb5:2",
            "out": "F5:3 Ab5:3 Db6:2 Ab5:3 F5:3 Db5:2 | G5:3 Bb5:3 Eb6:2 Bb5:3 G5:3 Eb5:2",
            "end": "Ab5:4 Eb5:4 Ab4:8",
        }, level=-20.0, pan=0.1, room=0.2, echo=0.14, lows=180),
        Part("brass", "comp", {
            "intro": "X__x__x_........|X__x__x_X_x_x_x_",
            "A": "..............x_|X__x__..........", "B": "X__x__x_....x_x_|x_______________",
            "out": "X__x__x_X__x__x_", "end": "X_______________",
        }, level=-22.5, pan=-0.3, room=0.2, low=58, lows=170),
        Part("muted guitar", "comp", {
            "A": "x.o.x.o.x.o.x.oo", "B": "x.o.x.o.x.o.x.oo", "out": "x.o.x.o.x.o.x.oo",
        }, level=-26.5, pan=0.4, room=0.1, low=60, notes=3, strum=2, lows=220),
        Part("disco bass", "bass", {
            "intro": "R__R__R_........", "A": "R__R__5_R__R__8_|R__R__5_R__5__a_",
            "B": "R__R__5_8__5__R_|R__R__5_R__5__a_", "out": "R__R__5_8__5__R_",
            "end": "R_______________",
        }, level=-19.0, room=0.0, low=32, lows=30, duck=0.2),
    ),
    drums=Drums(
        lines={
            "intro": {"house kick": "X...X...X...X...", "tight snare": "...x..x....x..x."},
            "A": {"house kick": "X...X...X...X...", "tight snare": "...x..o....x..o.",
                  "hat": "x.o.x.o.x.o.x.o.", "clap": "....x.......x...",
                  "cowbell": "x...x...x...x..."},
            "B": {"house kick": "X...X...X...X...", "tight snare": "...x..o....x..o.",
                  "clap": "....x.......x...", "tambourine": "x-o-x-o-x-o-x-o-",
                  "conga": "..oo..o...oo..oo",
                  "cowbell": "x.-ox.o.x.-ox.o.",
                  "crash": "x...............|................|................|................"},
            "out": {"house kick": "X...X...X...X...", "tight snare": "...x..o....x..o.",
                    "clap": "....x.......x...", "tambourine": "x-o-x-o-x-o-x-o-",
                    "cowbell": "x.-ox.o.x.-ox.o."},
            "end": {"house kick": "X...............", "crash": "X...............",
                    "tight snare": "x..............."},
        },
        fill={"tight snare": "...x..x.xxxxXxXx", "low tom": "x.....x........."},
        gains={"house kick": 2.0, "tight snare": -6.5, "clap": -6.0, "hat": -15.0, "cowbell": -17.0,
               "tambourine": -19.0, "conga": -11.0, "crash": -20.0, "low tom": -7.0},
        pans={"hat": 0.3, "cowbell": -0.3, "conga": -0.35, "tambourine": 0.35, "low tom": -0.2},
        level=-18.5, room=0.12,
    ),
)

SONGS = (DUST_AND_BRASS, KITE_MARKET, TIN_ROOF_RAIN)
