"""A stateful emulator of the AIMMS session-manager and the Task API v2, on a loopback address, for tests."""
