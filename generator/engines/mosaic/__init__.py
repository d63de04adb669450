"""The mosaic engine: slice, do not stretch. The exact pipeline is in docs/mosaic.md."""
