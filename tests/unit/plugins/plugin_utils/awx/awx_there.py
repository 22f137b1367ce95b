# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped files of extensions/awx, and an AWX that has nothing or what an earlier run wrote."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import yaml

from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.plan import Planner
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import read

AWX = Path(__file__).absolute().parents[5] / "extensions/awx"
NOW = datetime(2026, 11, 30, 18, 0, tzinfo=timezone.utc)
ACME = {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": "secret-key"}


def _load(name):
    return yaml.safe_load((AWX / name).read_text(encoding="utf-8"))


SHIPPED = {
    "questions": _load("questions.yml"),
    "templates": _load("job_templates.yml"),
    "workflow": _load("workflow.yml"),
    "schedules": _load("schedules.yml"),
    "credential_types": {name: _load(f"credential_types/{name}.yml") for name in ("account", "accounts")},
}
NOTHING = {
    "is_superuser": True,
    "organization": 7,
    "organization_galaxy": [],
    "galaxy": [{"id": 3, "name": "Ansible Galaxy"}],
    "credential_types": [],
    "kinds": {},
    "credentials": [],
    "named": [],
    "hosts": [],
    "nodes": [],
    "templates": {},
    "workflows": {},
    "surveys": {},
    "schedules": {},
    "notification_templates": {},
}


def values(**more):
    given = {"project_url": "https://git.example.com/a.git", "prefix": "P ", **more}
    return read({f"aimms_awx_{name}": value for name, value in given.items()})


def plan(there=None, environment=None, **more):
    """The plan of a run."""
    return Planner(values(**more), SHIPPED, {**NOTHING, **(there or {})}, environment or ACME, NOW).plan()


def after(made):
    """What AWX has after a run with that plan."""
    workflow = made["workflow"]
    return {
        "organization_galaxy": [3],
        "hosts": [{"name": one["name"], "variables": yaml.safe_dump(one["variables"])} for one in made["hosts"]],
        "templates": {f"P {one['name']}": _template(one, 100 + n) for n, one in enumerate(made["templates"])},
        "surveys": {f"P {one['name']}": one["spec"] for one in (*made["templates"], workflow)},
        "schedules": {f"P {one['name']}": one for one in made["schedules"]},
    }


def _template(one, number):
    fields = {"id": number, "job_slice_count": one["slices"], "extra_vars": yaml.safe_dump(one["extra_vars"])}
    return {**fields, "summary_fields": {"credentials": [{"id": int(own)} for own in one["credentials"]]}}
