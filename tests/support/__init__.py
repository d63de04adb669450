"""Fakes, fixtures and sample values that several tests share."""
