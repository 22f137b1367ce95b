"""Stands in for python-systemd, so that what modules tell the system's journal can be read."""
