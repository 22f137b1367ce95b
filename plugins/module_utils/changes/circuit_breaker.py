# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a bulk change after several failures of the same kind in a row."""

from __future__ import annotations

import threading

_MOST_ALIKE = 5
NOT_TRIED_MSG = f"Not tried: {_MOST_ALIKE} in a row failed in the same way before it."


class CircuitBreaker:
    """``reason``: why no other target may be tried, once it has stopped. Safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = ""
        self._row = 0
        self._for_good = False
        self.reason = NOT_TRIED_MSG

    def stop(self, reason: str) -> None:
        """Stop at once, and for good."""
        with self._lock:
            self.reason = self.reason if self._for_good else reason
            self._for_good = True

    @property
    def stopped(self) -> bool:
        """Whether no other target may be tried: five in a row failed with the same signature."""
        return self._for_good or self._row >= _MOST_ALIKE

    def note(self, signature: str, *, in_doubt: bool = False) -> None:
        """Count one target. An empty signature means that it did not fail.

        :param in_doubt: whether it may still turn out well; a stop after such ones ends when one does.
        """
        with self._lock:
            self._row = self._row + 1 if signature and signature == self._last else int(bool(signature))
            self._last = signature
            self._for_good = self._for_good or (self._row >= _MOST_ALIKE and not in_doubt)
