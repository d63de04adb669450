"""The main job, told to a newcomer as it happens."""
