"""What holds for every test."""

from hypothesis import settings

# Hypothesis fails an example that takes longer than 200 ms; on a busy machine any of them may.
settings.register_profile("refrain", deadline=None)
settings.load_profile("refrain")
