"""Attacks on the running system, each named by a line of docs/threat-model.md."""
