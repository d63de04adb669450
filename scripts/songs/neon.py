"""Songs of the artist Neon Atoll: synthesisers. Chillwave, house and synthwave."""

from scripts.songs.song import Drums, Part, Section, Song

ARTIST = "Neon Atoll"

SLOW_FERRY = Song(
    slug="slow-ferry", title="Slow Ferry", artist=ARTIST, isrc="ZZNA32600001",
    bpm=92, key="A minor", room=2.4, echo=3, tags=("chillwave", "supersaw"),
    form=("intro", "A", "B", "A2", "end"),
    sections={
        "intro": Section("Am9 | Fmaj7 G", 0.85),
        "A": Section("Am9 | Fmaj7 | C | G", 0.93),
        "B": Section("Dm7 | Am7 | Fmaj7 | E7"),
        "A2": Section("Am9 | Fmaj7 E7"),
        "end": Section("Am", 0.85, fill=False),
    },
    parts=(
        Part("supersaw", "comp", {
            "intro": "o_______________", "A": "x_______________", "B": "x_______________",
            "A2": "x_______________", "end": "x_______________",
        }, level=-22.5, room=0.3, low=57, duck=0.55, lows=160),
        Part("square bass", "bass", {
            "A": "R_____R_..R_R___|R_____R_..R_5_a_", "B": "R___..R_R_..R_8_",
            "A2": "R_____R_..R_R___", "end": "R_______________",
        }, level=-20.5, room=0.0, low=28, lows=36, duck=0.35),
        Part("pluck", "arp", {
            "intro": "0.2.1.3.0.2.1.3.", "A": "0.2.1.3.4.3.1.2.", "B": "0.2.4.2.1.3.4.3.",
            "A2": "0.2.1.3.4.3.1.2.", "end": "4_______________",
        }, level=-24.5, pan=-0.2, room=0.25, echo=0.35, low=64, lows=200),
        Part("square lead", "tune", {
            "A": "E5:6 D5:2 C5:4 A4:4 | C5:6 D5:2 E5:8 | G5:6 E5:2 D5:4 C5:4 | D5:6 B4:2 G4:6 -:2",
            "B": "F5:4 E5:4 D5:4 A4:4 | C5:6 B4:2 A4:8 | A4:2 C5:2 E5:4 F5:4 E5:4"
                 " | E5:6 D5:2 B4:4 G#4:4",
            "A2": "A5:6 G5:2 E5:4 C5:4 | A4:4 C5:4 B4:4 G#4:4", "end": "A4:12 -:4",
        }, level=-22.5, pan=0.15, room=0.3, echo=0.3, lows=200),
    ),
    drums=Drums(
        lines={
            "intro": {"hat": "o...o...o...o..."},
            "A": {"deep kick": "X......xX.......|X......xX.x.....", "clap": "....x.......x...",
                  "hat": "x.o.x.oox.o.x.o."},
            "B": {"deep kick": "X..x...xX.......|X..x...xX.x.....", "clap": "....x.......x...",
                  "big snare": "....o.......o...", "hat": "x-o-x-o-x-ooxoxo",
                  "open hat": "......o.......o."},
            "A2": {"deep kick": "X......xX.......|X......xX.x.....", "clap": "....x.......x...",
                   "big snare": "....o.......o...", "hat": "x.o.x.oox.o.x.o."},
            "end": {"deep kick": "X...............", "crash": "o..............."},
        },
        fill={"clap": "....x...x.....x.", "high tom": "........x.x.....",
              "mid tom": "............x...", "low tom": "..............x."},
        gains={"deep kick": 0.5, "clap": -4.0, "big snare": -7.0, "hat": -9.0,
               "open hat": -13.0, "crash": -15.0, "high tom": -7.0, "mid tom": -6.0,
               "low tom": -5.0},
        pans={"hat": 0.2, "open hat": 0.2, "high tom": -0.3, "low tom": 0.3},
        level=-19.5, room=0.22, kick="deep kick",
    ),
)

NIGHT_BUS = Song(
    slug="night-bus", title="Night Bus", artist=ARTIST, isrc="ZZNA32600002",
    bpm=122, key="F# minor", room=1.8, echo=3, tags=("house", "organ bass"),
    form=("intro", "A", "B", "A", "out", "end"),
    sections={
        "intro": Section("F#m9 | F#m9", 0.9),
        "A": Section("F#m9 | F#m7 | Dmaj7 | E", 0.95),
        "B": Section("Bm7 | C#m7 | Dmaj7 | C#7"),
        "out": Section("Dmaj7 | C#7"),
        "end": Section("F#m9", 0.9, fill=False),
    },
    parts=(
        Part("stab", "comp", {
            "intro": "...x__..x_....x_", "A": "...x__..x_....x_|...x__..x_..x_..",
            "B": "x_.x__..x_.x__..", "out": "x_.x__..x_.x__..", "end": "X_______________",
        }, level=-22.0, pan=0.1, room=0.22, echo=0.22, low=57, duck=0.4, lows=180),
        Part("fm bass", "bass", {
            "intro": "..R_..R_..R_..R_", "A": "..R_..8_..R_R_5_|..R_..8_..R_5_a_",
            "B": "R_.R_.8_..R_5_a_", "out": "R_.R_.8_..R_5_a_", "end": "R_______________",
        }, level=-19.0, room=0.0, low=30, lows=30, duck=0.3),
        Part("warm pad", "comp", {
            "A": "o_______________", "B": "x_______________", "out": "x_______________",
            "end": "x_______________",
        }, level=-27.0, room=0.4, low=61, duck=0.6, lows=200),
        Part("kalimba", "tune", {
            "A": "C#5:3 A4:3 F#4:2 -:2 A4:2 B4:4 | C#5:3 E5:3 C#5:2 -:8"
                 " | A4:3 C#5:3 F#5:4 -:2 E5:4 | B4:3 C#5:3 E5:4 -:6",
            "B": "D5:6 F#5:6 A5:4 | G#5:6 E5:6 C#5:4 | F#5:6 A5:6 C#6:4 | B5:6 G#5:6 F5:4",
            "out": "F#5:6 A5:6 C#6:4 | B5:6 G#5:6 F5:4", "end": "F#5:16",
        }, level=-22.0, pan=-0.2, room=0.25, echo=0.4, lows=200),
    ),
    drums=Drums(
        lines={
            "intro": {"house kick": "X...X...X...X...", "hat": "..x...x...x...x."},
            "A": {"house kick": "X...X...X...X...", "clap": "....x.......x...",
                  "open hat": "..x...x...x...x.", "hat": "x.-.x.-ox.-.x.-o",
                  "rim": "...o......o..o.."},
            "B": {"house kick": "X...X...X...X...", "clap": "....x.......x...",
                  "open hat": "..x...x...x...x.", "shaker": "x-oox-oox-oox-oo",
                  "conga": "..o..o.o..o..oo.", "rim": "...o......o..o.."},
            "out": {"house kick": "X...X...X...X...", "clap": "....x.......x...",
                    "open hat": "..x...x...x...x.", "shaker": "x-oox-oox-oox-oo"},
            "end": {"house kick": "X...............", "crash": "o..............."},
        },
        fill={"house kick": "X...X...X.......", "clap": "....x.......x.xx",
              "open hat": "..x...x...x....."},
        gains={"house kick": 1.0, "clap": -5.0, "open hat": -13.0, "hat": -14.0, "rim": -12.0,
               "shaker": -14.0, "conga": -11.0, "crash": -16.0},
        pans={"hat": -0.25, "open hat": 0.2, "rim": 0.35, "conga": -0.35, "shaker": 0.3},
        level=-18.5, room=0.12,
    ),
)

OVERDRIVE_MOTEL = Song(
    slug="overdrive-motel", title="Overdrive Motel", artist=ARTIST, isrc="ZZNA32600003",
    bpm=142, key="B minor", room=2.0, echo=3, tags=("synthwave", "saw lead"),
    form=("intro", "A", "B", "out", "end"),
    sections={
        "intro": Section("Bm | G A", 0.9),
        "A": Section("Bm | G | D | A | Bm | G | D | A", 0.94),
        "B": Section("Em | D | G | F# | Em | D | G | F#7"),
        "out": Section("Bm | G F#"),
        "end": Section("Bm", 0.95, fill=False),
    },
    parts=(
        Part("saw bass", "bass", {
            "intro": "R_RRR_RRR_RRR_RR", "A": "R_RRR_RRR_RRR_R8|R_RRR_RRR_RR8_RR",
            "B": "R_R8R_R8R_R8R_R8", "out": "R_RRR_RRR_RRR_R8", "end": "R_______________",
        }, level=-19.5, room=0.0, low=33, lows=30, duck=0.45),
        Part("supersaw", "comp", {
            "A": "o_______________", "B": "X_______________", "out": "X_______________",
            "end": "X_______________",
        }, level=-24.0, room=0.25, low=59, duck=0.45, lows=180),
        Part("pluck", "arp", {
            "intro": "0123432101234321", "A": "0.2.3.2.4.2.3.2.", "B": "0123453201234532",
            "out": "0123432101234321", "end": "4_______________",
        }, level=-25.0, pan=-0.25, room=0.2, echo=0.25, low=62, lows=220),
        Part("saw lead", "tune", {
            "A": "B4:3 D5:3 F#5:2 B5:8 | A5:3 G5:3 D5:2 G5:8 | F#5:3 E5:3 D5:2 A5:8"
                 " | E5:3 C#5:3 A4:2 C#5:8 | B4:3 D5:3 F#5:2 B5:6 C#6:2 | D6:3 B5:3 G5:2 D5:8"
                 " | F#5:3 A5:3 D6:2 A5:8 | E5:3 A5:3 C#6:2 A5:8",
            "B": "G5:4 F#5:4 E5:4 B4:4 | F#5:8 A5:4 D5:4 | B5:8 A5:4 G5:4 | F#5:6 E5:2 C#5:4 A#4:4"
                 " | G5:4 B5:4 E6:6 D6:2 | A5:8 F#5:4 D5:4 | G5:4 B5:4 D6:4 B5:4"
                 " | C#6:6 A#5:2 F#5:8",
            "out": "B5:3 D6:3 F#5:2 B5:8 | D6:4 B5:4 A#5:4 C#6:4", "end": "B5:12 -:4",
        }, level=-22.0, pan=0.1, room=0.25, echo=0.28, lows=220),
    ),
    drums=Drums(
        lines={
            "intro": {"house kick": "X.......X.......", "hat": "..o...o...o...o."},
            "A": {"house kick": "X...x...X...x...", "big snare": "....X.......X...",
                  "hat": "x.o.x.o.x.o.x.o."},
            "B": {"house kick": "X...x...X...x...", "big snare": "....X.......X...",
                  "hat": "xoooxoooxoooxooo", "open hat": "..x...x...x...x.",
                  "crash": "x...............|................|................|................"},
            "out": {"house kick": "X...x...X...x...", "big snare": "....X.......X...",
                    "hat": "xoooxoooxoooxooo"},
            "end": {"house kick": "X...............", "crash": "X..............."},
        },
        fill={"big snare": "....X.......x.xx", "high tom": "....x.xx........",
              "mid tom": "........xxx.....", "low tom": "...........xxx.."},
        gains={"house kick": 1.5, "big snare": -5.0, "hat": -16.0, "open hat": -18.0,
               "crash": -19.0, "high tom": -8.0, "mid tom": -7.0, "low tom": -6.0},
        pans={"hat": 0.2, "open hat": -0.2, "high tom": -0.4, "low tom": 0.4},
        level=-18.5, room=0.2, drive=1.0,
    ),
)

SONGS = (SLOW_FERRY, NIGHT_BUS, OVERDRIVE_MOTEL)
