"""A stateful stand-in for the AIMMS session-manager and the Task API v2, on loopback, for tests."""
