#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_role_step
short_description: A step of the roles of this collection, not for playbooks
version_added: 1.1.0
author: the aimms.cloud contributors (@aimms-cloud)
description:
  - The roles use it to read their variables once, to make batches, to gather what became of each session, to write
    their reports and to publish their results. It sends nothing to the service, and reads the results that the tasks
    of the role registered.
  - It is documented so that a play of a role can be understood. What it takes and returns may change at any time.
  - Like all modules it belongs to the action group, so that it may get the connection options. It does not use them.
options:
  role:
    description: The role that the step belongs to.
    type: str
    required: true
    choices: [session_report, session_retention, stale_session_cleanup, task_retention]
  step:
    description:
      - V(read) reads and checks all variables of the role, and the earlier plan of
        P(aimms.cloud.stale_session_cleanup#role).
      - V(plan) makes batches of what was selected. V(archive) finds the sessions of a batch whose log was saved.
        V(batch) keeps the results of a batch.
      - V(report) gathers the results and writes the report. V(tell) shows them, and fails if the role has failed.
        V(publish) keeps the announcements of the run, as its result can be told now, sets the statistic of the run, and
        writes the figures for Prometheus and sends them to a URL.
    type: str
    required: true
    choices: [archive, batch, plan, publish, read, report, tell]
  number:
    description: The number of the batch, from 0.
    type: int
attributes:
  action:
    description: It is an action plugin, which runs on the control node.
    support: full
  check_mode:
    description: In check mode no file is written.
    support: full
  diff_mode:
    description: It has no differences to show.
    support: none
"""

EXAMPLES = r"""
- name: Read the variables of the role
  aimms.cloud.aimms_role_step:
    role: stale_session_cleanup
    step: read
  register: _stale_session_cleanup_read
"""

RETURN = r"""
settings:
  description: What the step V(read) read. It never has the API key.
  returned: with the step V(read)
  type: dict
"""
