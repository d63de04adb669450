"""What Refrain is about, in the standard library alone: no input, no output, no clock."""
