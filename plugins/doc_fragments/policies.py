# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option policies: named rules over one list of sessions."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  policies:
    description:
      - Named rules for different sessions. The first rule that matches a session decides about it, and the rules below
        do not touch it. They do not touch it either if a rule above may match it, because its age or a name is not
        certain. A session that no rule matches is kept.
      - Protections come before all rules. O(protect_owners), O(protect_apps), O(protect_session_ids) and
        O(naive_timezone) are given beside the rules. So are the limits O(max_sessions), O(max_percent) and
        O(max_per_owner), which then hold for all rules together. Criteria that select sessions go into the rules.
      - Limits of all rules are checked before the first change; when one is exceeded, nothing is ended.
      - An empty list is refused; it never means all. So is a rule that ends sessions without any criterion.
      - With O(sessions), each record has the name of its C(policy), as check mode gave it. It is ended only if this
        rule still matches it and no rule above keeps it.
    type: list
    elements: dict
    version_added: 1.1.0
    suboptions:
      name:
        description: The name of the rule in results and reports. No two rules have the same name.
        type: str
        required: true
      description:
        description: What the rule is for. It is for readers only.
        type: str
      action:
        description:
          - V(end) ends the sessions that the rule matches, V(keep) keeps them from all rules below.
          - A rule that keeps also keeps sessions that it may match, such as a session whose app is not known if the
            rule has C(apps), or one that may be old enough if it has C(older_than). It cannot have criteria about logs,
            tasks or versions in use.
        type: str
        choices: [end, keep]
        default: end
      kinds:
        description: As the option of this name.
        type: list
        elements: str
        choices: [webui, task, solve, external, verify]
      session_ids:
        description: As the option of this name.
        type: list
        elements: str
      states:
        description: As the option of this name.
        type: list
        elements: str
      apps:
        description: As the option of this name.
        type: list
        elements: str
      app_versions:
        description: As the option of this name.
        type: list
        elements: str
      keep_versions:
        description: As the option of this name. All sessions that are listed for the rules count.
        type: int
      owners:
        description: As the option of this name.
        type: list
        elements: str
      older_than:
        description: As the option of this name.
        type: str
      newer_than:
        description: As the option of this name.
        type: str
      age_from:
        description: As the option of this name. If a rule does not set it, the option holds.
        type: str
        choices: [created, started]
      quiet_for:
        description: As the option of this name.
        type: str
      task_activity:
        description: As the option of this name. If a rule does not set it, the option holds.
        type: str
        choices: [auto, ignore]
      between:
        description:
          - The part of the day in which the rule is in force, such as V(22:00-06:00). At other times it matches
            nothing, and rules below may match. It is looked at again before each change.
        type: str
      timezone:
        description: The zone of C(between), such as V(Europe/Amsterdam). Needed with it.
        type: str
      interrupt_tasks:
        description: As the option of this name. If a rule does not set it, the option holds.
        type: str
        choices: [never, solve, execution]
      grace_period:
        description: As the option of this name. If a rule does not set it, the option holds.
        type: str
      interrupt_fallback:
        description: As the option of this name. If a rule does not set it, the option holds.
        type: bool
      max_seats:
        description: As the option of this name. The rule then needs V(webui) as the only one of its kinds.
        type: int
      max_sessions:
        description: When the rule matches more sessions than this, nothing at all is ended. No limit by default.
        type: int
      max_percent:
        description: The same for the share of all active sessions of the kinds of the rule, in percent.
        type: int
      max_per_owner:
        description: The same for the sessions of one owner.
        type: int
"""
