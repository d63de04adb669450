"""Values and rules of Refrain: standard library only, no I/O, no clock."""
