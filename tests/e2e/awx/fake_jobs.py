# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in ``fake_awx``: syncs of projects and inventories, and jobs, which end at once.

As the real one (devel of 2024-10-23): a playbook is offered once its project was synced; a sync installs the
collections of the root's ``collections/requirements.yml``, and only where the organization has a galaxy credential.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from awx_rules import required_variables

Item = dict[str, Any]
Run = Callable[[Item, Item], tuple[str, list[Item]]]
"""A job: from its template and its variables to its status and its events."""
NOT_INSTALLED = "ERROR! couldn't resolve module/action 'aimms.cloud.aimms_session_info'."


class Jobs:
    """Jobs and syncs, by API collection and id. ``broken`` is what git says, for a repository that cannot be read."""

    def __init__(self, awx: Any) -> None:
        self._awx = awx
        self.items: dict[str, dict[int, Item]] = {
            name: {} for name in ("jobs", "project_updates", "inventory_updates", "workflow_jobs")
        }
        self.outputs: dict[int, str] = {}
        self.events: dict[int, list[Item]] = {}
        self.broken, self.has_root_requirements = "", True
        self.run: Run = lambda _template, _variables: ("successful", [])
        self.launched: list[tuple[str, Item]] = []

    def sync(self, number: int) -> Item:
        """A sync of a project. Its playbooks are offered when it is successful."""
        project = self._awx.items["projects"][number]
        made = self._made("project_updates", "failed" if self.broken else "successful", self.broken)
        if not self.broken:
            galaxy = self._awx.links.get(("organizations", project["organization"], "galaxy_credentials"))
            self._awx.synced[number] = bool(galaxy and self.has_root_requirements)
        made["scm_revision"] = "" if self.broken else "1"
        return made

    def sync_inventory(self, number: int) -> Item:
        """A sync of an inventory source: the file is read from the project."""
        source = self._awx.items["inventory_sources"][number]
        lacking = source["source_path"] not in self._awx.inventory_files
        text = f"Source path {source['source_path']} is not in the project" if lacking else ""
        return self._made("inventory_updates", "failed" if lacking else "successful", text)

    def launch(self, number: int, body: Item) -> Item:
        """A job of a template. :raises ValueError: with the variables that are lacking."""
        template = self._awx.items["job_templates"][number]
        spec = self._awx.surveys.get(("job_templates", number), {}).get("spec", [])
        given = body.get("extra_vars") or {}
        given = json.loads(given) if isinstance(given, str) else given
        if lacking := required_variables(spec, given):
            raise ValueError(lacking)
        variables = {**json.loads(template["extra_vars"] or "{}"), **given}
        self.launched.append((template["name"], variables))
        if not self._awx.synced.get(template["project"]):
            return self._made("jobs", "failed", NOT_INSTALLED)
        status, events = self.run(template, variables)
        if template["job_slice_count"] < 2:
            return self._made("jobs", status, "", events)
        job = self._made("jobs", status, "", events)
        whole = self._made("workflow_jobs", status, "")
        whole["nodes"] = [{"summary_fields": {"job": {"id": job["id"], "status": status}}}]
        return whole

    def _made(self, kind: str, status: str, output: str, events: list[Item] | None = None) -> Item:
        number = self._awx.next_number()
        item: Item = {"id": number, "url": f"{self._awx.root}{kind}/{number}/", "type": kind[:-1], "status": status}
        item |= {"failed": status != "successful", "finished": True, "job_explanation": ""}
        self.outputs[number], self.events[number] = output, events or []
        self.items[kind][number] = item
        return item

    def answer(self, parts: list[str], query: dict[str, str]) -> Any:
        """What a GET below jobs and syncs gives; None for what is not there."""
        number = int(parts[1])
        item = self.items[parts[0]].get(number)
        if item is None or len(parts) == 2:
            return item
        if parts[2] == "stdout" and query.get("format") == "json":
            return {"range": {}, "content": self.outputs[number]}
        if parts[2] == "workflow_nodes":
            return {"count": 1, "next": None, "results": item["nodes"]}
        if parts[2] == "job_events":
            found = [one for one in self.events[number] if one["event"] == query["event"]]
            return {"count": len(found), "next": None, "results": found}
        return None


def failure(host: str, message: str) -> Item:
    """The event of a host that failed."""
    return {"event": "runner_on_failed", "event_data": {"host": host, "res": {"msg": message}}}
