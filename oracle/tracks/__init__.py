"""Tracks: jobs at generation nodes and the manifests of finished tracks."""
