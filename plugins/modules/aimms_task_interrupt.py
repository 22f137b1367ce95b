#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_task_interrupt
short_description: Interrupt AIMMS Cloud tasks
version_added: 1.0.0
description:
  - Interrupts tasks through the Task API v2, named by their own ids or by those of their sessions. The vendor advises
    this instead of ending a task's session by force.
  - Each task is read just before and again afterwards; only what was seen to have ended is reported as V(interrupted).
  - Tasks that have ended, or that the server does not have, are no failure and no change.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.bulk.pace
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.changes
options:
  task_ids:
    description:
      - The ids of the tasks. Exactly one of O(task_ids) and O(session_ids) is needed.
      - The runs of a repeated task share one id. Without O(group_index) the run that is at work is meant, or the last
        of several. A run that waits for its schedule is left alone, and reported as V(not_found).
    type: list
    elements: str
    aliases: [id, task_id]
  session_ids:
    description:
      - The ids of sessions whose running tasks are to be interrupted. Tasks that wait there for their schedule are left
        alone.
      - Services before 25.2 do not tell the sessions of their tasks.
    type: list
    elements: str
    aliases: [session_id]
  mode:
    description:
      - V(solve) ends the solve, so that the task is completed with the solution found so far. V(execution) ends the
        whole procedure, so that the task fails.
    type: str
    choices: [solve, execution]
    default: solve
  group_index:
    description:
      - Which run of a repeated task is meant. By default the one that is at work, and with O(session_ids) all that are.
        A run that waits for its schedule is interrupted only if it is named here.
      - If the server does not show which run a record is, a run that is named here, or is one of several, is V(failed),
        and nothing is sent.
    type: int
notes:
  - The key needs the C(Tasks) scope, and its user C(Read) and C(Execute) access to the app of the task. What the user
    may not see is V(not_found), and a warning says so.
  - An execution can be interrupted since PRO 24.12.2.
seealso:
  - module: aimms.cloud.aimms_task_info
  - module: aimms.cloud.aimms_session_terminate
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Interrupt a task
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: End the solve of a task, keeping what was found
      aimms.cloud.aimms_task_interrupt:
        account: acme
        api_key: "{{ acme_api_key }}"
        task_ids: [c1aa0a65-2f8a-4c89-a2f6-5b7a51ec7f3a]
        mode: solve

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Interrupt what runs in a session
      aimms.cloud.aimms_task_interrupt:
        account: acme
        api_key: "{{ acme_api_key }}"
        session_ids: [14d231b1-2b87-457c-bc83-305bb5daa4cc]
        mode: execution
        wait_timeout: 5m
"""

RETURN = r"""
tasks:
  description: One entry for each task acted on or, in check mode, to be acted on.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description:
        - The id. All other fields of a task are here too, as M(aimms.cloud.aimms_task_info) gives them.
        - Null for a session without a task.
      type: str
    session_id:
      description: The id of the task's session.
      type: str
    result:
      description:
        - V(interrupted), it was seen to have ended after the request.
        - V(would_interrupt), in check mode.
        - V(requested), the request was accepted and O(wait=false).
        - V(already_ended) or V(not_found), there was nothing to do, because it has ended, waits for its schedule, or is
          not visible.
        - V(changed_since), it is no longer the same task; nothing was sent.
        - V(failed), it could not be interrupted.
        - V(unknown), a request was sent or needed, but the server did not show what became of it.
        - V(not_tried), the module stopped before it.
      type: str
      sample: interrupted
    msg:
      description: An explanation of the result. It may be empty.
      type: str
sessions:
  description:
    - The same records as RV(tasks) for a second time, under the name that M(aimms.cloud.aimms_session_terminate) uses.
      So what reads the results of one module can read those of the other. Use one of the two, and do not add them up.
  returned: success and failure
  type: list
  elements: dict
summary:
  description: The number of tasks by result.
  returned: success and failure
  type: dict
  sample: {interrupted: 1}
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import PACE
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.interrupt import interrupt

SPEC = {
    **PACE,
    "task_ids": {"type": "list", "elements": "str", "aliases": ["id", "task_id"]},
    "session_ids": {"type": "list", "elements": "str", "aliases": ["session_id"]},
    "mode": {"type": "str", "default": "solve", "choices": ["solve", "execution"]},
    "group_index": {"type": "int"},
}
WAYS = ("task_ids", "session_ids")


def main() -> None:
    """Run the module."""
    run_module(SPEC, interrupt, mutually_exclusive=[WAYS], required_one_of=[WAYS])


if __name__ == "__main__":
    main()
