# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of playbooks/awx_setup.yml that write nothing: reading variables, looking at AWX, and telling what failed.

Documented in ``plugins/modules/aimms_awx_step.py``. The work is in ``plugin_utils/awx``; here it meets Ansible. AWX is
read with the lookup plugin of the collection that also writes. No step returns a key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx import accounts, trial, variables
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.plan import Planner
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.removal import removal
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.near_misses import refuse_lost_words

Data = dict[str, Any]
Vars = Mapping[str, Any]
_COLLECTIONS = ("ansible.controller", "awx.awx")
"""The first that is installed is used: that of Automation Platform is never there by chance. The play says the same."""


class ActionModule(ActionBase):
    """A step of the set-up."""

    _lookup: Any = None

    def run(self, tmp: Any = None, task_vars: Optional[Data] = None) -> Data:
        """The result of the step ``step``."""
        result: Data = super().run(tmp, task_vars)
        try:
            made = getattr(self, f"_step_{self._task.args['step']}")(task_vars or {})
        except AimmsError as error:
            made = {"failed": True, "msg": str(error)}
        if "settings" in made:  # variables of hosts and notifications may have secrets
            made["_ansible_no_log"] = True
        return {**result, "changed": False, **made}

    # Steps

    def _step_plan(self, task_vars: Vars) -> Data:
        """All that the other tasks write."""
        refuse_lost_words(task_vars)
        given = {name: self._value(task_vars, name) for name in sorted(map(str, task_vars)) if _is_own(name)}
        values = variables.read({name: value for name, value in given.items() if value is not None})
        shipped = self._shipped(Path(str(task_vars["playbook_dir"])).parent / "extensions/awx")
        there = self._look(values, shipped)
        if values["state"] == "absent":
            return {"settings": values, "plan": removal(values, shipped, there)}
        planner = Planner(values, shipped, there, os.environ, datetime.now(timezone.utc))
        plan = planner.plan()
        if (plan["credential"] or {}).get("secret") == "accounts":
            self._check_lines(plan)
        return {"settings": values, "plan": plan}

    def _step_explain(self, _task_vars: Vars) -> Data:
        """Fails with what AWX says of a job that failed."""
        arguments = self._task.args
        reason = trial.reason(arguments["result"], self._get)
        raise OptionError(f"The {arguments['what']} failed: {reason}", arguments.get("hint", ""))

    def _step_tell(self, _task_vars: Vars) -> Data:
        """The lines about the jobs that were tried; fails if one of them failed."""
        results = self._task.args.get("results") or []
        lines, failed = trial.told(results, self._get)
        if failed:
            told = " ".join(failed)
            raise OptionError(f"Not all jobs were successful: {told}", "All of it is in AWX; they would fail again.")
        return {"lines": lines}

    # What they are made of

    def _value(self, task_vars: Vars, name: str) -> Any:
        return self._templar.template(task_vars[name])

    def _shipped(self, folder: Path) -> Data:
        names = {
            "questions": "questions",
            "templates": "job_templates",
            "workflow": "workflow",
            "schedules": "schedules",
        }
        found: Data = {key: self._loader.load_from_file(f"{folder}/{name}.yml") for key, name in names.items()}
        types = {name: self._loader.load_from_file(f"{folder}/credential_types/{name}.yml") for name in trial.TYPES}
        return {**found, "credential_types": types}

    def _check_lines(self, plan: Data) -> None:
        """:raises OptionError: for a host without a line in the file of AIMMS_ACCOUNTS_FILE. The keys are not kept."""
        path = os.environ["AIMMS_ACCOUNTS_FILE"]
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise OptionError(f"AIMMS_ACCOUNTS_FILE: {path} cannot be read.") from None
        if left := accounts.unlisted(text, {name: {} for name in plan["accounts"]}):
            raise OptionError(f"AIMMS_ACCOUNTS_FILE: {path} has no line 'HOST: KEY' for {', '.join(left)}.")

    def _look(self, values: Data, shipped: Data) -> Data:
        """What AWX has of all that the set-up makes."""
        prefix, organization = values["prefix"], values["organization"]
        me = self._get("me")[0]
        found = self._get("organizations", name=organization)
        number = found[0]["id"] if found else None
        own = {"name__startswith": prefix, "organization": number or 0}
        types = self._get("credential_types", name__startswith=prefix)
        types = [one for one in types if one["name"].removeprefix(prefix) in shipped["credential_types"]]
        kinds = {one["id"]: one["name"].removeprefix(prefix) for one in types}
        templates = {one["name"]: one for one in self._get("job_templates", **own)}
        workflows = {one["name"]: one for one in self._get("workflow_job_templates", **own)}
        launched = {one["id"] for one in (*templates.values(), *workflows.values())}
        planned = self._get("schedules", name__startswith=prefix)
        return {
            "is_superuser": bool(me.get("is_superuser")),
            "organization": number,
            "organization_galaxy": self._get(f"organizations/{number}/galaxy_credentials") if number else [],
            "galaxy": self._get("credentials", credential_type__kind="galaxy"),
            "credential_types": types,
            "kinds": kinds,
            "credentials": [one for kind in kinds for one in self._get("credentials", credential_type=kind)],
            "named": self._get("credentials", name=values["credential"]) if values["credential"] else [],
            "hosts": self._hosts(values, number),
            "nodes": self._nodes(workflows.get(prefix + shipped["workflow"]["name"])),
            "templates": templates,
            "workflows": workflows,
            "surveys": {
                name: self._get(f"{kind}/{one['id']}/survey_spec")[0].get("spec")
                for kind, items in (("job_templates", templates), ("workflow_job_templates", workflows))
                for name, one in items.items()
            },
            "schedules": {one["name"]: one for one in planned if one["unified_job_template"] in launched},
            "notification_templates": {
                one["name"]: one
                for made in values["notification_templates"]
                for one in self._get("notification_templates", name=made["name"], organization=number or 0)
            },
        }

    def _nodes(self, workflow: Optional[Data]) -> list[Data]:
        endpoint = "workflow_job_template_nodes"
        return self._get(endpoint, workflow_job_template=workflow["id"]) if workflow else []

    def _hosts(self, values: Data, organization: Optional[int]) -> list[Data]:
        name = variables.names_of(values)["inventory"]
        found = self._get("inventories", name=name, organization=organization) if organization else []
        return self._get("hosts", inventory=found[0]["id"]) if found else []

    def _get(self, endpoint: str, **query: Any) -> list[Data]:
        """All objects that AWX answers with. :raises OptionError: if it does not answer, or no collection is there."""
        if self._lookup is None:
            loader = self._shared_loader_obj.lookup_loader
            found = (loader.get(f"{name}.controller_api", self._loader, self._templar) for name in _COLLECTIONS)
            self._lookup = next((one for one in found if one is not None), None)
            if self._lookup is None:
                raise OptionError(
                    "The collection that talks to AWX is not installed.",
                    "Install awx.awx, or ansible.controller for Automation Platform.",
                )
        try:
            answer = self._lookup.run([endpoint], {}, query_params=query, return_all=True, max_objects=100000)
        except AnsibleError as error:
            raise OptionError(f"AWX cannot be asked for {endpoint}: {error}") from None
        return list(answer)


def _is_own(name: str) -> bool:
    return name.startswith("aimms_awx")
