"""Fingerprints of recordings: peaks of the spectrum in integers, how two match, and an index."""
