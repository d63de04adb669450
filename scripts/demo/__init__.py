"""The demo: the main job from registration to audit, explained while it runs."""
