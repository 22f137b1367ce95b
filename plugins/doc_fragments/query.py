# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options for what is returned of each session, for the info module and the lookup."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  active:
    description:
      - With V(true), only sessions that run, wait or are about to end. With V(false), only those that have ended, and
        those in a state that is not known.
    type: bool
    version_added: 1.1.0
  limit:
    description: Return at most this many sessions, after sorting. With V(0) none.
    type: int
  sort_by:
    description:
      - The field of a session to sort by; with V(-) before it, descending. Sessions without a value come last.
    type: str
    default: created_at
  fields:
    description:
      - The fields to return of each session. By default all. Few fields make large results much faster, as passing
        10,000 whole records on to Ansible takes longer than reading them from the server.
    type: list
    elements: str
    choices:
      - id
      - kind
      - state
      - active
      - app_name
      - app_version
      - owner
      - created_at
      - started_at
      - ended_at
      - age_seconds
      - message
      - user_name
      - environment
      - description
      - queue_seconds
      - launch_seconds
      - run_seconds
      - gb_hours
      - peak_memory_mib
      - peak_cpu_millicores
      - scheduled_for
      - link
  include_raw:
    description: Whether to return the server's own record of each session as C(raw).
    type: bool
    default: false
  service_uri:
    description:
      - The name of a service of the sessions. The address of that service is returned with each session as
        C(service_uri), at the cost of one request for each. Only servers of the current generation tell it.
    type: str
"""
