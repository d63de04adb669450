"""Measures of finished tracks; the engine uses none of them."""
