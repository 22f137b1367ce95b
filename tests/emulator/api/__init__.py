"""What each operation does: the session-manager, the Task API, and the control API for tests."""
