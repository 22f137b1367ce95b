"""The demonstration: a clean-up of stale sessions, against the emulator."""
