"""The demonstration: a cleanup of stale sessions with the emulator."""
