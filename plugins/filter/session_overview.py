# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: session_overview
short_description: The figures of AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Counts sessions by kind, app, owner and age, and puts the oldest first. The roles P(aimms.cloud.session_report#role)
    and P(aimms.cloud.stale_session_cleanup#role) make their pages of it.
author: the aimms.cloud contributors (@aimms-cloud)
options:
  _input:
    description: Records of sessions, as M(aimms.cloud.aimms_session_info) returns them.
    type: list
    elements: dict
    required: true
  stale_after:
    description: Sessions older than this count as stale. A duration such as V(8h) or V(2d).
    type: str
    default: 24h
  assumed:
    description: Whether the times of the sessions are without a time zone. Then 12 hours are allowed for the error.
    type: bool
    default: false
  cleanup:
    description: The report of the last run of P(aimms.cloud.stale_session_cleanup#role), as its JSON file has it.
    type: dict
seealso:
  - plugin: aimms.cloud.session_page
    plugin_type: filter
  - plugin: aimms.cloud.session_csv
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Whose sessions are older than two days
  ansible.builtin.debug:
    msg: >-
      {{ (query('aimms.cloud.aimms_session', states=['running'], account='acme')
          | aimms.cloud.session_overview(stale_after='2d')).by_owner }}
"""

RETURN = r"""
_value:
  description:
    - C(running) and C(stale), numbers of sessions; C(stale_after); C(oldest_age_seconds).
    - C(hours), the sum of the ages of C(hours_of) sessions, and C(gb_hours), what C(gb_hours_of) sessions used; null
      where nothing is known.
    - C(by_kind), C(by_app), C(by_owner), C(by_environment) and C(by_age), lists of C(name), C(running) and C(stale).
      All but the last have C(gb_hours) too, the sum of what the server tells, or null.
    - C(oldest), up to ten sessions; C(sessions), all of them, the oldest first, each with C(stale) and C(cleanup)
      (what the last cleanup did with it, C(list), C(why) and C(msg), or null).
    - C(cleanup), what the last cleanup did, or null.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.untrusted import untrusted


def session_overview(
    sessions: Any, stale_after: str = "24h", assumed: bool = False, cleanup: Any = None
) -> Mapping[str, Any]:
    """The overview, marked as untrusted: Ansible does not evaluate it as a template.

    :raises AnsibleFilterError: for invalid sessions, duration or report.
    """
    try:
        found: Mapping[str, Any] = untrusted(overview(sessions, str(stale_after), bool(assumed), cleanup or None))
    except AimmsError as error:
        raise AnsibleFilterError(f"session_overview: {error}") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise AnsibleFilterError("session_overview: These are no records of sessions.") from None
    return found


class FilterModule:
    """The filter ``aimms.cloud.session_overview``."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"session_overview": session_overview}
