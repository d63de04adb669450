"""Measures what the attribution vectors say of a track, by code that is not the engine's."""
