"""The confined child process that runs engines."""
