# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflow jobs in ``fake_awx``: node after node, approvals that are answered or run out of time, and who is told.

As the real one: the workflow sends its notifications of starts, approvals, successes and failures, and each of its jobs
those of its template. AWX calls an approval that waits "running" there. (Read in its code, and not seen in a real one.)
"""

from __future__ import annotations

from math import inf
from typing import Any

from awx_rules import approval_status, walk

WAITS = "pending"
NOBODY = ("", inf)
"""The answer of nobody."""


class WorkflowJob:
    """A job of a workflow template that has ended. ``told``: event, channel and status of each notification."""

    def __init__(self, awx: Any, template: int, answer: tuple[str, float] = NOBODY) -> None:
        """:param answer: ``approved`` or ``denied``, and after how many seconds, for each approval."""
        self._awx, self._template, self._answer = awx, template, answer
        self.told: list[tuple[str, str, str]] = []
        self.ran: list[str] = []
        nodes = awx.items["workflow_job_template_nodes"]
        own = {number: node for number, node in nodes.items() if node["workflow_job_template"] == template}
        ways = {
            number: {
                way: awx.links.get(("workflow_job_template_nodes", number, f"{way}_nodes"), [])
                for way in ("success", "failure", "always")
            }
            for number in own
        }
        self._tell("workflow_job_templates", template, "started", "running")
        self.status = walk(ways, lambda number: self._run(own[number]))
        self._end("workflow_job_templates", template, self.status)

    def _run(self, node: dict[str, Any]) -> str:
        """The status of a node."""
        self.ran.append(node["identifier"])
        target = node["unified_job_template"]
        approval = self._awx.items["workflow_approval_templates"].get(target)
        if approval is None:
            spec = self._awx.surveys.get(("job_templates", target), {}).get("spec", [])
            given = {question["variable"]: question["default"] for question in spec if question["required"]}
            status = str(self._awx.jobs.launch(target, {"extra_vars": given})["status"])
            self._end("job_templates", target, status)
            return status
        self._tell("workflow_job_templates", self._template, "approvals", "running")
        status = approval_status(approval["timeout"], *self._answer)
        if status != WAITS:
            self._tell("workflow_job_templates", self._template, "approvals", status)
        return {"approved": "successful", WAITS: WAITS}.get(status, "failed")

    def _end(self, collection: str, number: int, status: str) -> None:
        if status != WAITS:
            self._tell(collection, number, "success" if status == "successful" else "error", status)

    def _tell(self, collection: str, number: int, event: str, status: str) -> None:
        channels = self._awx.links.get((collection, number, f"notification_templates_{event}"), [])
        names = self._awx.items["notification_templates"]
        self.told += [(event, names[one]["name"], status) for one in channels]
