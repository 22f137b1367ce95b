# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection options."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kinds:
    description:
      - The kinds of session. By default all that the server has. The type in a session's own record counts, not
        the list that it came from.
      - An V(external) session is a service that all users share, a V(verify) session belongs to the publication of an
        app. They are changed only if this option names them, even if a plan (O(ignore:sessions)) has them.
        Sessions of an unknown type are never changed.
    type: list
    elements: str
    choices: [webui, task, solve, external, verify]
  session_ids:
    description:
      - Only the sessions with these ids.
      - As all lists of names here, it may also be text with commas or line ends between the names, or a list that is
        written as JSON, YAML or Python text. Blanks around a name do not matter. What cannot be a name, such as text in
        quotes or names with blanks between them, is refused.
    type: list
    elements: str
    aliases: [id, session_id]
  states:
    description: Only sessions in these states, such as V(running) or V(queued). Case does not matter.
    type: list
    elements: str
  apps:
    description:
      - Only sessions of apps whose name is one of these, or matches one of them as a shell glob. Letter case, the
        Unicode form and the kind of blanks do not matter. Brackets may be part of the name, or stand for
        a set of characters.
    type: list
    elements: str
  app_versions:
    description: Only sessions of app versions that match one of these shell globs.
    type: list
    elements: str
  keep_versions:
    description:
      - Only sessions of older app versions. Of each app, this many of the newest versions are left out. V(1) leaves out
        only the newest one.
      - Only versions that active sessions of the O(kinds) use count, whatever the other options select. So the
        newest version that is in use is always kept, even if it is the only one.
      - Versions are compared part by part, numbers as numbers, so that V(22.1.0) is older than V(24.1.10), and
        V(1.0) the same as V(1.0.0). If the order of two versions of an app is not certain, such as V(1.0) and
        V(1.0-test), all sessions of the app are kept, with a warning. A session of an unknown version is kept too. So
        is one whose version the server writes as a number with a fraction, where 1.10 is the same as 1.1.
    type: int
    version_added: 1.1.0
  owners:
    description:
      - Only sessions of owners that match one of these shell globs, as O(apps). An owner is C(user@ENVIRONMENT).
      - An entry that matches no session at all gives a warning, as in O(apps) and O(app_versions).
    type: list
    elements: str
  older_than:
    description:
      - Only sessions that began longer ago than this, such as V(90s), V(45m), V(8h), V(2d), V(1w), V(1d12h) or V(PT8H).
        A number without a unit is an error.
      - The clock of the server (its C(Date) header) and the local clock must agree. A session whose time is missing,
        not readable, in the future or more than ten years ago is never old.
    type: str
  newer_than:
    description: Only sessions that began more recently than this. Durations are written as for O(older_than).
    type: str
  age_from:
    description:
      - Whether the age counts from the creation of the session or from its start, which can be much later for one
        that was queued. With V(started), a session without a known start has no age. Neither O(older_than) nor
        O(newer_than) selects it then, and a warning tells how many there are.
    type: str
    choices: [created, started]
    default: created
  quiet_for:
    description:
      - Only sessions whose log has no line newer than this. It costs one request for each session that the other
        options select, two for one that is quiet, and a few more if the server does not filter logs by time. Durations
        are written as for O(older_than).
      - A session is also kept if its log has no line at all or cannot be read, or if the session was created within
        that time.
    type: str
  task_activity:
    description:
      - One V(task) session serves many tasks, one after the other, so its own age tells little about what runs in it.
        With V(auto), such a session is not selected if one of its tasks is younger than O(older_than) (without that
        option, than O(quiet_for)), is of a protected owner or app, or waits for its schedule. The tasks are listed
        once, and only if a V(task) session would be selected by its age, or would be ended while owners or apps are
        protected.
      - The key needs the C(Tasks) scope, and its user needs C(Read) access to the apps. If the tasks cannot be read,
        the age of the session counts, with a warning.
      - With V(ignore), the age of the session counts.
    type: str
    choices: [auto, ignore]
    default: auto
    version_added: 1.1.0
  protect_session_ids:
    description:
      - Shell globs of ids that are never selected. Protections win over every other option.
      - The results of the modules name the protections that match no session, as C(unmatched_protections).
    type: list
    elements: str
  protect_apps:
    description:
      - Shell globs of apps that are never selected. If given, a session whose app is not known is not selected either.
    type: list
    elements: str
  protect_owners:
    description:
      - Shell globs of owners that are never selected, with or without the environment. If given, a session
        whose owner is not known is not selected either.
    type: list
    elements: str
  naive_timezone:
    description:
      - The time zone, such as V(UTC) or V(Europe/Amsterdam), of times that the server sends without one.
      - Without this option they are read as UTC, with 12 hours allowed for the error. The result and a warning say so.
    type: str
  server_filters:
    description:
      - Query parameters to send along with the listing, as they are. Each name must stand in the server's OpenAPI
        document. They only narrow what is listed; every session is tested again here.
      - None is sent by itself, as no answer proves that a filter leaves out just what its name says. Limits that count
        all sessions, such as a percentage of them, list those as well.
    type: dict
"""
