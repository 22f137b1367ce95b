# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of sessions, and the states that count as active or as ended. A new kind or state starts here.

Roles, documentation, extensions and the emulator have copies of the kinds: ``test_states_copies.py`` compares them.
"""

from __future__ import annotations

KINDS = ("webui", "task", "solve")
LEGACY_KINDS = ("webui", "task")
"""The kinds of a server of the legacy generation whose document names none."""
KINDS_WITH_TASKS = ("task", "solve")
"""The kinds whose sessions may run tasks of the Task API."""
ACTIVE_STATES = frozenset({"queued", "assigned", "launching", "running", "solving", "closing"})
ENDED_STATES = frozenset(
    "finished terminated completed failed crashed ended closed stopped killed cancelled canceled interrupted "
    "aborted deleted expired error".split()
)
