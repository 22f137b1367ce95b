"""Replaces python-systemd, so that the messages of modules to the system's journal can be read."""
