"""Tests of the whole: every process real, on loopback."""
