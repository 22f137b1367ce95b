#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_session_terminate
short_description: End AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Ends sessions, named by id, taken from an earlier plan, or selected by criteria, many at once.
  - Each session is read just before it is ended, and only a session that is still the same and still selected is ended.
    Each is read again afterwards. Its result is V(terminated) only if the server then shows that it ended.
  - Which request ends a session is read from the server's own OpenAPI document. No record is ever deleted.
  - Sessions that have ended, or that the server does not have, are no failure and no change.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.selection
  - aimms.cloud.bulk
  - aimms.cloud.bulk.pace
  - aimms.cloud.policies
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.changes
options:
  max_active:
    description:
      - Only act while more than this many sessions of the selected kinds are active. The oldest selected ones are ended
        first, and only as many as needed.
      - The active ones are counted again before each O(concurrency) requests, so that those that end by themselves
        meanwhile count too. An id that several kinds have counts once, unless app, owner or
        time of creation tell that it is of two sessions.
      - With O(sessions) all active sessions of O(kinds) are counted in the same way.
    type: int
  max_seats:
    description:
      - Only act while more than this many people have an active WebUI session. A person is an owner
        (C(user@ENVIRONMENT)). Only the end of all sessions of a person frees a seat.
      - As many people as needed are chosen, and all of their sessions are ended. A person is chosen only if all of that
        person's active WebUI sessions fit the selection and none is protected. First come those who were active the
        longest ago, by the last line of their logs with O(quiet_for), else by the start of their youngest session.
      - Before each person the active people are counted again. Who has opened another session in the meantime is left
        alone. When few enough people are active, it stops.
      - A session whose owner is not told belongs to nobody. It is not counted and not ended, and a warning says so. An
        owner without an environment is taken for the same person as each owner of that name with one. A person with a
        session in an unknown state, or of an unknown type, is left alone.
      - It needs V(webui) as the only one of O(kinds), and does not go with O(max_active). With O(sessions), a person is
        left alone who has an active session that is not among them.
    type: int
    version_added: 1.1.0
  interrupt_tasks:
    description:
      - Whether to interrupt the tasks of V(task) and V(solve) sessions first, through the Task API. A session that
        still runs after O(grace_period) is ended by force. The key needs the C(Tasks) scope as well.
      - V(solve) ends the solve, so that the task is completed with the best solution so far. V(execution) ends the
        whole procedure, so that the task fails. V(never) ends sessions by force at once.
      - The default is V(never), as it needs no C(Tasks) scope and ends at once. The role
        P(aimms.cloud.stale_session_cleanup#role), which runs unattended, has the default V(solve), which keeps the
        solution found so far.
      - A task that waits for its schedule is not interrupted. A session is kept if one of its tasks is of a protected
        owner or app. A V(task) session is also kept if none of its tasks is seen, as the user of the key may lack
        C(Read) access to its app. A task that begins during O(grace_period) is left alone. The result of its session is
        then V(changed_since).
    type: str
    choices: [never, solve, execution]
    default: never
  grace_period:
    description:
      - How long an interrupted task may take to end before its session is ended by force. If a session no longer fits
        the selection by then, perhaps because it wrote to its log, it is left alone.
    type: str
    default: 60s
  interrupt_fallback:
    description:
      - Whether a V(task) session is ended by force if its task cannot be interrupted. Reasons are that none of its
        tasks runs, that the key lacks the C(Tasks) scope, or that its user lacks C(Execute) access to the app. With
        V(false) such a session goes on running, and its result is V(failed).
      - A session that still runs although its task was interrupted is ended by force after O(grace_period) in any case.
      - Only a refusal by the service itself counts. After a failure that may pass, such as a 500, or the page of a
        proxy, the session is not ended by force, and its result is V(failed).
    type: bool
    default: true
notes:
  - A selection needs at least one of O(older_than), O(quiet_for), O(apps), O(owners), O(states), O(keep_versions),
    O(max_active) and O(max_seats), or O(policies).
seealso:
  - module: aimms.cloud.aimms_session_info
  - module: aimms.cloud.aimms_session_delete
  - module: aimms.cloud.aimms_task_interrupt
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: End stale sessions
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: End WebUI sessions older than a day, but never those of the administrators
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [webui]
        older_than: 24h
        protect_owners: ["admin@*"]
        max_sessions: 100

- name: More examples, each of which can be used in a play of its own
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: End one session
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [webui]
        session_ids: [14d231b1-2b87-457c-bc83-305bb5daa4cc]

    - name: Plan first
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [task]
        states: [running]
        older_than: 2d
      register: plan

    - name: End what was planned, as far as it is still the same
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        sessions: "{{ plan.sessions }}"

    - name: Interrupt solves that run for more than six hours, and end by force what still lives after five minutes
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [task, solve]
        older_than: 6h
        age_from: started
        interrupt_tasks: solve
        grace_period: 5m

    - name: After a new version of an app was published, end what still runs in older ones and is quiet
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        apps: [Planner]
        keep_versions: 1
        quiet_for: 30m

    - name: WebUI sessions after eight hours of silence, solves after two days, tests at night, one app never
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        protect_owners: ["svc-*"]
        max_sessions: 100
        policies:
          - {name: payroll, apps: [Payroll], action: keep}
          - {name: webui, kinds: [webui], older_than: 8h, quiet_for: 8h}
          - {name: solves, kinds: [solve], older_than: 2d, interrupt_tasks: solve, grace_period: 5m, max_sessions: 10}
          - {name: tests, apps: ["test-*"], older_than: 1h, between: "22:00-06:00", timezone: Europe/Amsterdam}

    - name: Free seats when more than 40 WebUI sessions are active, the oldest first
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [webui]
        max_active: 40

    - name: Free seats when more than 40 people are active, of those who have been idle for an hour or more
      aimms.cloud.aimms_session_terminate:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [webui]
        quiet_for: 1h
        max_seats: 40
"""

RETURN = r"""
sessions:
  description: One entry for each session acted on or, in check mode, to be acted on.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a session are here too, as M(aimms.cloud.aimms_session_info) gives them.
      type: str
      sample: 14d231b1-2b87-457c-bc83-305bb5daa4cc
    url:
      description: The address of its account.
      type: str
      sample: https://acme.aimms.cloud
      version_added: 1.1.0
    result:
      description:
        - V(terminated), it was seen to have ended after the request.
        - V(interrupted), its task was interrupted, and it was seen to have ended by that.
        - V(would_terminate), in check mode.
        - V(requested), the request was accepted and O(wait=false).
        - V(already_ended) or V(not_found), there was nothing to do.
        - V(changed_since), it is no longer the same session or no longer selected; nothing was sent.
        - V(failed), it could not be ended.
        - V(unknown), a request was sent or needed, but the server did not show what became of it.
        - V(not_tried), the module stopped before it.
      type: str
      sample: terminated
    msg:
      description: An explanation of the result. It may be empty.
      type: str
    policy:
      description: The name of the rule that ends it.
      returned: with O(policies)
      type: str
      version_added: 1.1.0
kept:
  description: The active sessions that were considered and kept.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a session are here too.
      type: str
    reason:
      description:
        - V(protected), V(too_young), V(not_selected), V(recent_log), V(no_reliable_time), V(max_active) or
          V(max_seats).
        - V(scheduled), it waits on purpose until its schedule, so it is not stale.
        - V(unknown_kind), its record tells a type that is not known.
        - V(busy), one of its tasks is young, or no task of it is seen.
        - V(policy), a rule of O(policies) keeps it, or it is not certain whether a rule matches it.
      type: str
      sample: too_young
    msg:
      description:
        - With V(recent_log), when the last line was written, or why the log could not be read. With V(busy), which of
          its tasks is young. With V(max_seats), why its person may not be chosen. Or that its id cannot be used.
      type: str
summary:
  description: The number of sessions by result.
  returned: success and failure
  type: dict
  sample: {terminated: 3, already_ended: 1}
policies:
  description: The result of each rule, in their order.
  returned: with O(policies), success and failure
  type: list
  elements: dict
  version_added: 1.1.0
  contains:
    name:
      description: The name.
      type: str
    action:
      description: V(end) or V(keep).
      type: str
    in_force:
      description: Whether the rule is in force at this time of the day.
      type: bool
    matched:
      description: How many sessions the rule was to end, or keeps.
      type: int
    cutoff:
      description: As RV(cutoff), for the limit of age of this rule.
      type: str
    notes:
      description:
        - What looks wrong about the rule, such as that it matches no session, or contradicts a rule above.
      type: list
      elements: str
    seats:
      description: As RV(seats).
      returned: where the rule has C(max_seats)
      type: dict
  sample:
    - {name: webui, action: end, in_force: true, matched: 3, cutoff: "2026-03-01T08:15:00Z", notes: []}
server_time:
  description: The present time (UTC) by the server's clock, when the sessions had been read. Null if it told none.
  returned: success and failure
  type: str
  sample: '2026-07-06T10:00:00Z'
  version_added: 1.1.0
cutoff:
  description: Sessions that began before this time (UTC) are older than O(older_than). Null without that option.
  returned: success and failure
  type: str
complete:
  description: Whether the list is complete. Always V(true), because the module does not act on an incomplete list.
  returned: success and failure
  type: bool
unmatched_protections:
  description:
    - The entries of O(protect_session_ids), O(protect_apps) and O(protect_owners) that match no session of the
      O(kinds), in any state, perhaps because they are misspelled. Sessions whose owner or app is not known do not
      count.
    - Null where not all of these sessions were listed, as for named sessions.
  type: list
  elements: str
  returned: success and failure
  version_added: 1.1.0
  sample: ["svc-*"]
seats:
  description:
    - The seats, and the people whose sessions were to be ended. Null if none of the given O(sessions) was still active.
  returned: with O(max_seats), success and failure
  type: dict
  version_added: 1.1.0
  contains:
    active:
      description: How many people had an active WebUI session at the first count. Sessions about to end do not count.
      type: int
    max:
      description: The value of O(max_seats).
      type: int
    to_free:
      description: How many people these are above O(max_seats).
      type: int
    freed:
      description: The number of people of whom this run has ended all sessions.
      type: int
    people:
      description: The people who were chosen. Those whose last activity is the longest ago come first.
      type: list
      elements: dict
      contains:
        owner:
          description: The person.
          type: str
          sample: jdoe@ROOT
        sessions:
          description: The ids of all active sessions of the person.
          type: list
          elements: str
        active_at:
          description: The last sign of activity (UTC), the last line of a log, or when the youngest session began.
          type: str
          sample: "2026-03-01T08:15:00Z"
        result:
          description:
            - V(would_free), in check mode.
            - V(freed), all sessions of the person have ended. V(left), they had ended by themselves.
            - V(requested), with O(wait=false).
            - V(kept), nothing was ended, because it was not needed, or not all sessions may be ended any more.
            - V(failed), not all sessions could be ended. V(not_tried), the module stopped before.
          type: str
          sample: freed
        msg:
          description: An explanation of the result. It may be empty.
          type: str
  sample:
    active: 42
    max: 40
    to_free: 2
    freed: 1
    people:
      - {owner: jdoe@ROOT, sessions: [14d231b1], active_at: "2026-03-01T08:15:00Z", result: freed, msg: ""}
api_generation:
  description: V(legacy), V(current), or V(unknown) where the server has no readable OpenAPI document.
  returned: success and failure
  type: str
naive_timestamps:
  description: How many of the considered sessions have a time without a zone, which was read as UTC.
  returned: success and failure
  type: int
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import BULK, SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import POLICIES, terminate

SPEC = {
    **SELECTION,
    **BULK,
    **POLICIES,
    "max_active": {"type": "int"},
    "max_seats": {"type": "int"},
    "interrupt_tasks": {"type": "str", "default": "never", "choices": ["never", "solve", "execution"]},
    "grace_period": {"type": "str", "default": "60s"},
    "interrupt_fallback": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    run_module(SPEC, terminate, mutually_exclusive=[("sessions", "session_ids")])


if __name__ == "__main__":
    main()
