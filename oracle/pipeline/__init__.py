"""The pipeline: steps between stages, the runner that takes them, and the worker threads."""
