"""Drums: sines with falling pitch for skins, filtered noise for snares and metal."""

from collections.abc import Callable

import numpy as np

from scripts.songs.dice import Dice
from scripts.songs.envelope import struck
from scripts.songs.filters import band, fir, highpass, lowpass
from scripts.songs.maths import RATE, Signal, decay, seconds, sine, smooth

Hit = Callable[[Dice, float], Signal]


def skin(top: float, low: float, fall: float, t60: float, click: float) -> Hit:
    """A drum skin whose pitch falls from `top` to `low` Hz within `fall` s and rings `t60` s."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(t60 * 0.8 * RATE), t60, 0.0008)
        time = seconds(loud.size)
        swept = (top - low) * fall / 6.9 * (1.0 - decay(time, fall))
        body = sine(low * time + swept * (0.6 + 0.4 * velocity))
        tap = band(dice.noise(700), 1_200.0, 7_000.0, 31) * struck(700, 0.012, 0.0003)[:700]
        body = body * loud
        body[:700] += click * velocity * tap
        return body

    return hit


def snare(tone: float, noise: float, t60: float, low: float) -> Hit:
    """Two modes of the skin and the rattle of the wires above `low` Hz."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(t60 * RATE), t60, 0.0006)
        time = seconds(loud.size)
        skins = sine(tone * time + 0.35 * (1.0 - decay(time, 0.05)))
        skins = (skins + 0.5 * sine(tone * 1.78 * time)) * decay(time, 0.16)
        wires = fir(dice.noise(loud.size), highpass(low, 63)) * (0.75 + 0.25 * decay(time, 0.05))
        return loud * (0.75 * skins + noise * (0.5 + 0.5 * velocity) * wires)

    return hit


def rattle(low: float, high: float, t60: float, attack: float) -> Hit:
    """Noise between two frequencies: hats, shakers, brushes, crashes."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(t60 * RATE), t60, attack)
        noise = band(dice.noise(loud.size), low, high * (0.7 + 0.3 * velocity), 63)
        return noise * loud

    return hit


_METAL = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)


def metal(low: float, t60: float, sizzle: float) -> Hit:
    """Six inharmonic square waves above `low` Hz, with noise: cymbals."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(t60 * RATE), t60, 0.0008)
        time = seconds(loud.size)
        squares = np.zeros_like(time)
        for hertz, start in zip(_METAL, dice.uniform(6), strict=True):
            squares += np.sign(sine(time * hertz * 1.9 + start))
        mixed = squares / 6.0 + sizzle * dice.noise(time.size)
        return fir(mixed, highpass(low, 63)) * loud * (0.7 + 0.3 * decay(time, 0.04))

    return hit


def clap(low: float = 900.0, high: float = 3_800.0) -> Hit:
    """Four claps with small gaps in time."""

    def hit(dice: Dice, velocity: float) -> Signal:
        time = seconds(int(0.32 * RATE))
        noise = band(dice.noise(time.size), low, high, 63)
        hands = 0.85 * decay(np.maximum(time - 0.019, 0.0), 0.2) * smooth((time - 0.018) / 0.001)
        for start, level in ((0.0, 1.1), (0.007, 0.7), (0.013, 0.6)):
            late = np.maximum(time - start, 0.0)
            hands += level * smooth((time - start) / 0.0006) * decay(late, 0.02)
        return noise * hands * smooth((0.32 - time) / 0.05) * 1.6

    return hit


def block(hertz: float, t60: float, overtone: float = 2.74) -> Hit:
    """A short high tone: wood block or rim."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(t60 * RATE), t60, 0.0004, 0.03)
        time = seconds(loud.size)
        tick = fir(dice.noise(loud.size), lowpass(6_000.0, 31)) * decay(time, 0.01)
        return loud * (sine(time * hertz) + 0.4 * sine(time * hertz * overtone) + 0.5 * tick)

    return hit


def cowbell() -> Hit:
    """Two almost square tones, a mistuned fifth apart: a cowbell."""

    def hit(dice: Dice, velocity: float) -> Signal:
        loud = struck(int(0.3 * RATE), 0.35, 0.0006)
        time = seconds(loud.size)
        tones = np.sign(sine(time * 555.0)) + np.sign(sine(time * 822.0))
        return band(tones, 450.0, 5_000.0, 63) * loud * 0.5

    return hit


HITS: dict[str, Hit] = {
    "deep kick": skin(170.0, 46.0, 0.12, 0.42, 0.5),
    "house kick": skin(260.0, 52.0, 0.10, 0.34, 0.9),
    "soft kick": skin(130.0, 55.0, 0.08, 0.28, 0.25),
    "rock kick": skin(210.0, 62.0, 0.07, 0.26, 1.0),
    "cajon": skin(150.0, 74.0, 0.06, 0.22, 0.7),
    "stomp": skin(120.0, 64.0, 0.05, 0.2, 0.9),
    "high tom": skin(260.0, 165.0, 0.12, 0.4, 0.4),
    "mid tom": skin(210.0, 125.0, 0.12, 0.45, 0.4),
    "low tom": skin(160.0, 88.0, 0.12, 0.5, 0.4),
    "conga": skin(270.0, 215.0, 0.05, 0.3, 0.5),
    "tumba": skin(190.0, 150.0, 0.05, 0.36, 0.4),
    "snare": snare(190.0, 0.8, 0.24, 1_200.0),
    "rock snare": snare(178.0, 0.9, 0.3, 900.0),
    "big snare": snare(170.0, 0.9, 0.45, 700.0),
    "tight snare": snare(240.0, 0.8, 0.14, 1_500.0),
    "slap": snare(210.0, 0.55, 0.12, 1_800.0),
    "brush": rattle(1_800.0, 9_000.0, 0.22, 0.006),
    "rim": block(1_720.0, 0.05, 1.52),
    "clave": block(2_480.0, 0.09),
    "wood": block(980.0, 0.08),
    "clap": clap(),
    "hands": clap(700.0, 3_000.0),
    "hat": metal(6_800.0, 0.07, 0.9),
    "soft hat": rattle(6_500.0, 13_000.0, 0.06, 0.001),
    "open hat": metal(6_200.0, 0.34, 0.9),
    "ride": metal(5_200.0, 0.7, 0.25),
    "crash": metal(3_200.0, 1.9, 1.4),
    "shaker": rattle(4_500.0, 12_000.0, 0.09, 0.012),
    "tambourine": rattle(6_000.0, 14_000.0, 0.16, 0.003),
    "cowbell": cowbell(),
}
