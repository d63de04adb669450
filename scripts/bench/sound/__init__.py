"""Measures of finished tracks; the engine uses none of them."""

from scripts.bench.sound.catalogue import catalogue, sources_in
from scripts.bench.sound.measure import realised_miss

__all__ = ["catalogue", "realised_miss", "sources_in"]
