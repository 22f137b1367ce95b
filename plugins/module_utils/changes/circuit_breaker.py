# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a bulk change when several targets in a row fail alike."""

from __future__ import annotations

import threading

_ALIKE = 5
NOT_TRIED_MSG = f"Not tried: {_ALIKE} in a row failed alike before it."


class CircuitBreaker:
    """Notices when targets in a row fail alike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = ""
        self._row = 0
        self.stopped = False

    def note(self, signature: str) -> None:
        """Count one finished target; an empty signature is no failure."""
        with self._lock:
            self._row = self._row + 1 if signature and signature == self._last else int(bool(signature))
            self._last = signature
            self.stopped = self.stopped or self._row >= _ALIKE
