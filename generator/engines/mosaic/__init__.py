"""The mosaic engine: cuts recordings into grains. docs/formats/mosaic.md specifies the pipeline."""

from generator.engines.mosaic.engine import Mosaic

__all__ = ["Mosaic"]
