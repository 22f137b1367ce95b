#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_session_info
short_description: List AIMMS Cloud sessions
version_added: 1.0.0
description:
  - Lists the sessions of an AIMMS Cloud account, or reads single ones, filtered as asked. Never changes anything.
  - The module filters each answer again itself, so a server that ignores a filter never adds sessions to the result.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.selection
  - aimms.cloud.query
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.reads
options:
  include_costs:
    description:
      - Whether to return the GbHour of all sessions, whatever is selected, as RV(costs).
    type: bool
    default: false
    version_added: 1.1.0
seealso:
  - module: aimms.cloud.aimms_session_terminate
  - plugin: aimms.cloud.aimms_session
    plugin_type: lookup
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Look at old sessions
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: List all WebUI sessions older than eight hours
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        kinds: [webui]
        older_than: 8h
      register: old

    - name: Show whose they are
      ansible.builtin.debug:
        msg: "{{ old.sessions | map(attribute='owner') | unique }}"

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Count the sessions without returning any
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        limit: 0
      register: overview

    - name: Show how many are active, and how many there are of each kind
      ansible.builtin.debug:
        msg: "{{ overview.counts.active['true'] | default(0) }} active, by kind {{ overview.counts.kind }}"

    - name: The ten oldest running sessions of one team, few fields
      aimms.cloud.aimms_session_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        states: [running]
        owners: ["*@PLANNING"]
        sort_by: created_at
        limit: 10
        fields: [id, kind, owner, age_seconds]
"""

RETURN = r"""
sessions:
  description: The selected sessions, sorted.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: 14d231b1-2b87-457c-bc83-305bb5daa4cc
    kind:
      description: V(webui), V(task), V(solve), V(external) or V(verify); an unknown type as the server tells it.
      type: str
      sample: webui
    state:
      description: The state as the server says it, in lower case.
      type: str
      sample: running
    active:
      description: Whether the session still runs or waits. V(false) for a state that is not known.
      type: bool
    app_name:
      description: The app.
      type: str
    app_version:
      description: The version of the app.
      type: str
    owner:
      description: The owner, as C(user@ENVIRONMENT).
      type: str
      sample: admin@ROOT
    created_at:
      description: When it was created, in UTC, or null.
      type: str
      sample: '2026-01-31T08:15:00Z'
    started_at:
      description: When it started, in UTC, or null.
      type: str
    ended_at:
      description: When it ended, in UTC, or null. Always null for WebUI sessions.
      type: str
    age_seconds:
      description: Seconds since it was created, or null.
      type: int
    message:
      description: What the server says about it.
      type: str
    user_name:
      description: The user of the RV(sessions[].owner), without the environment, or null.
      type: str
      version_added: 1.1.0
    environment:
      description: The environment of the user, or null.
      type: str
      version_added: 1.1.0
    description:
      description: The description that the app or the user gave, or null.
      type: str
      version_added: 1.1.0
    queue_seconds:
      description: Seconds in the queue, or null.
      type: float
      version_added: 1.1.0
    launch_seconds:
      description: Seconds until it was launched, or null.
      type: float
      version_added: 1.1.0
    run_seconds:
      description: Seconds it ran, or null.
      type: float
      version_added: 1.1.0
    gb_hours:
      description: Memory used over time, in GB hours, or null.
      type: float
      version_added: 1.1.0
    peak_memory_mib:
      description: The largest memory it used, in MiB, or null.
      type: float
      version_added: 1.1.0
    peak_cpu_millicores:
      description: The largest CPU it used, in thousandths of a core, or null.
      type: float
      version_added: 1.1.0
    scheduled_for:
      description: When it is to begin, in UTC, or null. While it waits for that, it is never stale.
      type: str
      version_added: 1.1.0
    link:
      description: The address of the session in a browser, as its record tells it, or null.
      type: str
      version_added: 1.1.0
    service_uri:
      description: The address of the service O(service_uri) of the session, or null where it has none.
      returned: when O(service_uri) is given
      type: str
    raw:
      description: The server's own record.
      returned: O(include_raw=true)
      type: dict
count:
  description: The number of RV(sessions).
  returned: success
  type: int
counts:
  description:
    - The numbers of all listed sessions by C(kind), by C(state) and by C(active), and of the active ones by kind
      (C(active_by_kind), since 1.1.0). They are there even if O(limit=0) returns no sessions.
    - C(queue) (since 1.1.0) has the number of C(sessions) that wait in the queue, without those that are scheduled for
      a later time, and C(longest_wait_seconds), null if none waits or the time is not known.
  returned: success
  type: dict
  sample:
    kind: {webui: 12, task: 3}
    state: {queued: 1, running: 3, terminated: 11}
    active: {'true': 4, 'false': 11}
    active_by_kind: {webui: 3, task: 1}
    queue: {sessions: 1, longest_wait_seconds: 340}
costs:
  description:
    - The GbHour of all listed sessions, as the service tells them for each session. Sessions for which it tells nothing
      are left out, and nothing is estimated.
    - C(gb_hours) is the sum, or null if it is told for no session. C(sessions) is the number of sessions in the sum,
      and C(of) the number of sessions that were listed. C(by_app), C(by_owner), C(by_environment) and C(by_month) (of
      the creation, in UTC) have a sum for each C(name), the largest first.
  returned: O(include_costs=true)
  type: dict
  version_added: 1.1.0
  sample:
    gb_hours: 12.5
    sessions: 11
    of: 15
    by_app: [{name: CrewScheduling, gb_hours: 12.5, sessions: 11}]
    by_owner: [{name: jdoe@ROOT, gb_hours: 12.5, sessions: 11}]
    by_environment: [{name: ROOT, gb_hours: 12.5, sessions: 11}]
    by_month: [{name: 2026-01, gb_hours: 12.5, sessions: 11}]
complete:
  description: Whether the list is complete. If it is not, a warning says why.
  returned: success
  type: bool
cutoff:
  description: Sessions that began before this time (UTC) are older than O(older_than). Null without that option.
  returned: success
  type: str
server_time:
  description: The server's clock (UTC), or null where the server does not tell.
  returned: success
  type: str
unmatched_protections:
  description:
    - The entries of O(protect_session_ids), O(protect_apps) and O(protect_owners) that match no session of the
      O(kinds), in any state, perhaps because they are misspelled. Sessions whose owner or app is not known do not
      count.
    - Null where not all of these sessions were listed, with O(server_filters) or for a few O(session_ids).
  type: list
  elements: str
  returned: success
  version_added: 1.1.0
  sample: ["svc-*"]
api_generation:
  description: V(legacy), V(current), or V(unknown) where the server has no readable OpenAPI document.
  returned: success
  type: str
naive_timestamps:
  description: How many of the listed sessions have a time without a zone, which was read as UTC.
  returned: success
  type: int
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import QUERY, Spec
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info

INFO: Spec = {**QUERY, "include_costs": {"type": "bool", "default": False}}


def main() -> None:
    """Run the module."""
    run_module(INFO, lambda params, _check_mode, warn: {"changed": False, **session_info(params, warn)})


if __name__ == "__main__":
    main()
