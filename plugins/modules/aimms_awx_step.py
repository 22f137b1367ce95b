#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_awx_step
short_description: A step of the playbook that sets up AWX, not for other playbooks
version_added: 1.1.0
author: the aimms.cloud contributors (@aimms-cloud)
description:
  - The playbook aimms.cloud.awx_setup uses it to read its variables, to see what AWX has, and to tell why a job failed.
    It reads AWX with the collection awx.awx or ansible.controller, changes nothing there, and sends nothing to AIMMS
    Cloud.
  - It is documented so that the playbook can be understood. What it takes and returns may change at any time.
  - Like all modules it belongs to the action group, so that it may get the connection options. It does not use them.
options:
  step:
    description:
      - V(plan) reads and checks all variables and says what is to be written.
      - V(explain) fails with the reason why a job failed. V(tell) does so for all jobs that were tried.
    type: str
    required: true
    choices: [explain, plan, tell]
  what:
    description: What failed, for the step V(explain).
    type: str
  hint:
    description: What can be done about it, for the step V(explain).
    type: str
  result:
    description: The result of the task that failed, for the step V(explain).
    type: dict
  results:
    description: The results of the tasks that launched jobs, for the step V(tell).
    type: list
    elements: dict
attributes:
  action:
    description: It is an action plugin, which runs on the control node.
    support: full
  check_mode:
    description: It changes nothing.
    support: full
  diff_mode:
    description: It has no differences to show.
    support: none
"""

EXAMPLES = r"""
- name: Read the variables and look at AWX
  aimms.cloud.aimms_awx_step:
    step: plan
  register: _aimms_awx
"""

RETURN = r"""
settings:
  description: The variables of the playbook, with their defaults.
  returned: with the step V(plan)
  type: dict
plan:
  description: What is to be written. It never has a key of AIMMS Cloud.
  returned: with the step V(plan)
  type: dict
lines:
  description: What became of the jobs that were tried.
  returned: with the step V(tell)
  type: list
  elements: str
"""
