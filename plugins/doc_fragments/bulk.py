# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules that change many sessions or tasks: sessions and limits; waiting and concurrency (PACE)."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  sessions:
    description:
      - Records as RV(aimms.cloud.aimms_session_info#module:sessions) gives them (a plan). Each is acted on only while
        the live session still has the same id, kind, app, owner and creation time. The list may be JSON or YAML text.
      - A plan of check mode names its account in C(url), and is refused for another account. A plan that is older than
        a day gives a warning.
    type: list
    elements: dict
  max_sessions:
    description: When more sessions than this would be acted on, none is, and the task fails. V(0) means none at all.
    type: int
    default: 50
  max_percent:
    description:
      - When more than this part of all sessions of the selected kinds that could be acted on would be acted on, none
        is, and the task fails. Ending counts among the active sessions, deleting among those that have ended.
      - By default there is no such limit, as a task names what it means. The role
        P(aimms.cloud.stale_session_cleanup#role), which runs unattended, has a default of 50.
    type: int
    default: 100
  max_per_owner:
    description: When more sessions of one owner than this would be acted on, none is, and the task fails.
    type: int
notes:
  - The sessions in O(session_ids) are looked for in all kinds, or in those of O(kinds). An id that sessions of several
    kinds have is refused (V(failed)), until O(kinds) names the one that is meant.
  - One session that fails does not stop the others; the task then fails with every result listed. After five sessions
    in a row that fail alike, the rest is not tried.
"""

    PACE = r"""
options:
  wait:
    description:
      - Whether to read back until the server shows that it was done. Without it, what was accepted is reported as
        V(requested).
    type: bool
    default: true
  wait_timeout:
    description: How long to wait for each to show it. Durations are written as V(90s), V(45m) or V(8h).
    type: str
    default: 120s
  concurrency:
    description: How many to deal with at once, from 1 to 32.
    type: int
    default: 8
"""
