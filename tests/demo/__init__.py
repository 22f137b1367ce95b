"""The demonstration: a clean-up of stale sessions with the emulator."""
