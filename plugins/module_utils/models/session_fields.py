# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that servers may give to each field of a session. Pure."""

from __future__ import annotations

import re

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import FieldResolver, names_as_words

_NAMES = {
    "id": "id, uuid, guid, identifier, session, sid, key, name",
    "kind": "kind, type, kind name, type name",
    "category": "category",
    "state": "state, status, phase, state name, status name, state value, status value, status state, status phase, "
    "lifecycle, lifecycle state, lifecycle status, lifecycle stage, lifecycle phase, stage",
    "app_name": "app name, application name, project name, app, application, project, app title, application title, "
    "project title, model name, model",
    "app_id": "app id, application id, project id, app uuid, application uuid, app guid, application guid",
    "app_version": "app version, application version, app release, application release, project version, "
    "project release, model version, model release, version, release",
    "owner": "owner, user, owner name, user name, owner user, owner user name, owner login, user login, login, "
    "created by, started by, launched by, submitted by, requested by, created by name, started by name, "
    "launched by name, submitted by name, requested by name, who, who login, who name, who user, creator, "
    "creator name, owner principal, user principal, user principal name, user email, owner email, user mail, "
    "owner mail, email, mail, owner full name, user full name, owner display name, user display name",
    "owner_id": "user id, owner id, user uuid, owner uuid, user guid, owner guid",
    "environment": "owner environment, user environment, environment, owner env, user env, env, "
    "owner environment name, user environment name, who environment, who env, environment name, env name, "
    "created by environment, started by environment",
    "created_at": "created, creation, create, submitted, registered, opened",
    "started_at": "started, start, running, begin, began, begun, running since, launched",
    "ended_at": "ended, end, finished, finish, completed, completion, terminated, termination, stopped, closed",
    "active_at": "last activity, last active, last used, last seen, last heartbeat, heartbeat, last access, resumed",
    "scheduled_for": "schedule for, scheduled for, scheduled, schedule, scheduled start, schedule start, planned for, "
    "planned, planned start, start after, schedule interval, schedule recurrence, recurrence",
    "description": "description, remarks, comment",
    "queue_seconds": "queue, queue duration, queue ms, queue s, queued duration, wait",
    "launch_seconds": "launch, launch duration, launch ms, launch s",
    "run_seconds": "run, run duration, run ms, run s, runtime",
    "gb_hours": "gb hour, gb hours, gbh, gbhour, gbhours, memory gb hour, memory gb hours",
    "peak_memory_mib": "memory peak, memory mi peak, memory mib peak, mi b memory peak, memory mb peak, "
    "bytes memory peak, memory max, max memory mib, max memory mb, max memory bytes, max mem, mem peak",
    "peak_cpu_millicores": "cpu peak, cpu m peak, cpu millicores peak, cpu cores peak, cpu max, cpu max millicores",
    "link": "portal url, portal link, session url, session link, web url, browser url, url, uri, link, href",
    "message": "message, msg, status message, state message, error message, reason, error",
}
"""For each field its possible names, the most certain first, as words (see ``field_names``)."""

_WANTED = names_as_words(_NAMES)
ID_WORDS = frozenset(_WANTED["id"])  # the possible names of an id
_WHO_DID = "(?:creat|start|launch|submitt|request|initiat)(?:edby|[eo]r)"
_MAY_NAME = {
    "any_owner": (
        f"owner|user|login|author|assignee|behalf|mail|principal|person|{_WHO_DID}",
        "env environment count role roles group groups agent type status state version language locale zone",
    ),
    "any_app": ("app|project|model", "version release owner user status state type kind count env environment"),
}
"""Every field that may name the owner or the app: what the letters of its name contain, and words it does not have."""
AMOUNTS = ("queue_seconds", "launch_seconds", "run_seconds", "gb_hours", "peak_memory_mib", "peak_cpu_millicores")
"""The fields that are amounts: ``quantities`` reads them."""
RESOLVER = FieldResolver(_WANTED, _MAY_NAME)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f-]{32,36}\Z")


def id_key(name: str) -> str:
    """The same text for ids that are the same: a UUID and any number of 32 hexadecimal digits may be in any case."""
    return name.lower() if _HEXADECIMAL.match(name) else name
