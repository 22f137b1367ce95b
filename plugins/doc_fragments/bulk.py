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
    description:
      - The most sessions that may be changed. If there are more, none is changed, and the task fails. V(0) allows none.
    type: int
    default: 50
  max_percent:
    description:
      - The largest share of sessions that may be changed, in percent. If it is more, none is changed, and the task
        fails. It is the share of all active sessions of the selected kinds; for deleting, of all that have ended.
      - By default there is no such limit, as a task names what it means. The role
        P(aimms.cloud.stale_session_cleanup#role), which runs unattended, has a default of 50.
    type: int
    default: 100
  max_per_owner:
    description:
      - The most sessions of one owner that may be changed. If there are more, none is changed, and the task fails.
    type: int
notes:
  - The sessions in O(session_ids) are looked for in all kinds, or in those of O(kinds). An id that sessions of several
    kinds have is refused (V(failed)), until O(kinds) names the one that is meant.
  - If one session fails, the others are still changed, and the task then fails with every result listed. After five
    failures of the same kind in a row, the rest is not tried.
"""

    PACE = r"""
options:
  wait:
    description:
      - Whether to read each session again until the server shows that it was done. If not, the result of a request
        that the server accepted is V(requested).
    type: bool
    default: true
  wait_timeout:
    description: How long to wait for that, for each session. Durations are written as V(90s), V(45m) or V(8h).
    type: str
    default: 120s
  concurrency:
    description: How many sessions to handle at the same time, from 1 to 32.
    type: int
    default: 8
"""
