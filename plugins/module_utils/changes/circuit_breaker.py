# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a bulk change after several failures of the same kind in a row."""

from __future__ import annotations

import threading

_MOST_ALIKE = 5
NOT_TRIED_MSG = f"Not tried: {_MOST_ALIKE} in a row failed alike before it."


class CircuitBreaker:
    """``stopped`` is set after five failures in a row with the same signature. Safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = ""
        self._row = 0
        self.stopped = False

    def note(self, signature: str) -> None:
        """Count one finished target. An empty signature means that it did not fail."""
        with self._lock:
            self._row = self._row + 1 if signature and signature == self._last else int(bool(signature))
            self._last = signature
            self.stopped = self.stopped or self._row >= _MOST_ALIKE
