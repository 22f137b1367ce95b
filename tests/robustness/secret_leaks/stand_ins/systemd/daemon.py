"""Whether the machine runs systemd."""


def booted() -> bool:
    """Always: the journal beside this file is at hand."""
    return True
