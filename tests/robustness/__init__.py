"""The campaigns of `make prove`: each breaks something on purpose and counts what came of it."""
