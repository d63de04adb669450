"""The mosaic engine: slice, do not stretch. The exact pipeline is in docs/mosaic.md."""

from generator.engines.mosaic.engine import Mosaic

__all__ = ["Mosaic"]
