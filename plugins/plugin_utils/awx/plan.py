# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks/awx_setup.yml writes into AWX, from the shipped files, the variables and what AWX has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Optional

import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx import accounts, schedules, surveys
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import PREFIX, TEAMS, Values, names_of

Data = dict[str, Any]


class Planner:
    """Makes one plan. ``kept`` collects sentences about what AWX has otherwise and what is left so.

    :param values: as ``variables.read`` gives them. :param shipped: the files of extensions/awx, by name.
    :param there: what AWX has, see ``action/aimms_awx_step``. :param now: with a zone.
    """

    def __init__(
        self, values: Values, shipped: Data, there: Data, environment: Mapping[str, str], now: datetime
    ) -> None:
        self._values, self._shipped, self._there = values, shipped, there
        self._environment, self._now = environment, now
        self._keep = values["by_hand"] == "keep"
        self._launched = {made["name"]: made for made in (*shipped["templates"], shipped["workflow"])}
        self._specs: dict[str, list[Data]] = {}
        self.kept: list[str] = []

    def plan(self) -> Data:
        """:raises OptionError: for everything that is known to be wrong before anything is written."""
        values, there = self._values, self._there
        schedules.check(values, {made["name"]: made for made in self._shipped["schedules"]})
        given = surveys.answers(values["answers"], self._shipped["questions"], f"{PREFIX}answers")
        hosts = accounts.hosts(values, self._environment, there["hosts"])
        credential = accounts.credential(values, self._environment, there)
        every = {str(one["name"]): accounts.variables_of(one) for one in there["hosts"]}
        accounts.check_reach(credential, {**every, **hosts})
        for made in self._launched.values():
            self._survey(made, given)
        planned = [self._schedule(made, given) for made in self._shipped["schedules"]]
        return {
            "names": names_of(values),
            "galaxy_credentials": self._galaxy(),
            "credential_types": self._types(),
            "credential": credential,
            "accounts": sorted(hosts),
            "hosts": [{"name": name, "variables": one} for name, one in hosts.items() if every.get(name) != one],
            "templates": [self._template(made) for made in self._shipped["templates"]],
            "workflow": self._workflow(),
            "schedules": planned,
            "grants": grants(values, self._shipped),
            "notification_templates": [self._notification(one) for one in values["notification_templates"]],
            "launches": self._launches(planned) if credential and values["try_jobs"] else [],
            "kept": self.kept,
        }

    def _galaxy(self) -> Optional[list[str]]:
        """Ids for an organization that has none; None for one that has, and where none is wanted."""
        wanted, there = self._values["galaxy_credentials"], self._there
        if there["organization_galaxy"] or not wanted:
            return None
        known = {one["name"]: str(one["id"]) for one in there["galaxy"]}
        if missing := [name for name in wanted if name not in known]:
            raise OptionError(
                f"The organization {self._values['organization']} has no galaxy credential, and there is no "
                f"'{missing[0]}': without one AWX does not install what collections/requirements.yml names.",
                f"Name one in {PREFIX}galaxy_credentials ({', '.join(known) or 'there is none'}), or give an empty "
                "list where the execution environment has the collection.",
            )
        return [known[name] for name in wanted]

    def _types(self) -> list[Data]:
        """The credential types to write: only a superuser may. :raises OptionError: if they are not there."""
        prefix = self._values["prefix"]
        made = [{**one, "name": prefix + name} for name, one in self._shipped["credential_types"].items()]
        if self._there["is_superuser"]:
            return made
        known = {one["name"] for one in self._there["credential_types"]}
        if missing := [one["name"] for one in made if one["name"] not in known]:
            raise OptionError(
                f"AWX lets only a superuser make credential types, and there is no '{missing[0]}'.",
                "Let a superuser run this playbook once; after that an administrator of the organization may.",
            )
        self.kept.append("Credential types were not looked at: only a superuser may change them.")
        return []

    def _survey(self, made: Data, given: Data) -> None:
        shipped = [one for one in self._shipped["questions"] if one["variable"] in made["survey"]]
        there = self._there["surveys"].get(self._values["prefix"] + made["name"]) or []
        own = {name: value for name, value in given.items() if name in made["survey"]}
        self._specs[made["name"]], kept = surveys.survey(shipped, own, there, self._keep)
        self._note(made["name"], kept)

    def _template(self, made: Data) -> Data:
        values = self._values
        there = self._there["templates"].get(values["prefix"] + made["name"])
        folder = values["project_path"].strip("/")
        slices = values["slices"] if made["sliced"] else 1
        if there and made["sliced"] and self._keep and "slices" not in values["explicit"]:
            if there["job_slice_count"] != slices:
                self._note(made["name"], [f"it has {there['job_slice_count']} slices, not {slices}"])
            slices = there["job_slice_count"]
        wanted = {event: names for event, names in values["notifications"].items() if event != "approvals"}
        own = {one["id"] for one in self._there["credentials"]}
        other = [one["id"] for one in (there or {}).get("summary_fields", {}).get("credentials", ())]
        return {
            "name": made["name"],
            "description": made["description"],
            "playbook": f"{folder}/{made['playbook']}" if folder else made["playbook"],
            "extra_vars": {**_read((there or {}).get("extra_vars")), **made["extra_vars"]},
            "slices": slices,
            "spec": self._specs[made["name"]],
            # The failure of a job that answers a question of the workflow is nothing to tell.
            "notifications": {event: [] if made.get("answer") else names for event, names in wanted.items()},
            "credentials": [str(one) for one in other if one not in own],
        }

    def _workflow(self) -> Data:
        """The workflow. What somebody put after one of its nodes stays there."""
        made, there = self._shipped["workflow"], self._there["nodes"] if self._keep else []
        names = {one["id"]: one["identifier"] for one in there}
        known = {node["identifier"] for node in made["nodes"]}
        if added := sorted(set(names.values()) - known):
            self._note(made["name"], [f"the nodes {', '.join(added)} were added"])
        before = {one["identifier"]: one for one in there}
        nodes = []
        for node in made["nodes"]:
            after = {way: list(node.get(way, ())) for way in ("success", "failure", "always")}
            for way, own in after.items():
                linked = before.get(node["identifier"], {}).get(f"{way}_nodes", ())
                own += [names[one] for one in linked if names.get(one, "") in added]
            nodes.append({**node, **after})
        return {**made, "nodes": nodes, "spec": self._specs[made["name"]]}

    def _schedule(self, made: Data, given: Data) -> Data:
        name = made["name"]
        there = self._there["schedules"].get(self._values["prefix"] + name)
        spec = self._specs[made["template"]]
        own = self._values["schedules"].get(name, {}).get("answers") or {}
        own = surveys.answers(own, spec, f"{PREFIX}schedules: {name}: answers")
        asked = {question["variable"] for question in spec}
        explicit = {**{key: value for key, value in given.items() if key in asked}, **own}
        before = _read((there or {}).get("extra_data"))
        answers, kept = surveys.scheduled(spec, made["extra_data"], before, explicit, self._keep)
        rule, kept_rule = schedules.rule(made, self._values, there, self._now)
        enabled, kept_switch = schedules.enabled(made, self._values, there)
        self._note(f"schedule {name}", [*kept_rule, *kept_switch, *kept])
        if problem := _archive_problem(answers):
            if enabled and not kept:
                raise OptionError(f"The schedule {name} would fail: {problem}.")
            self._note(f"schedule {name}", [problem])
        found = {"name": name, "template": made["template"], "description": made["description"]}
        return {**found, "rrule": rule, "enabled": enabled, "extra_data": answers}

    def _notification(self, made: Data) -> Data:
        """A notification template; without its configuration where AWX has the same, as secrets are not shown."""
        there: Data = self._there["notification_templates"].get(made["name"]) or {}
        config, has = made.get("notification_configuration") or {}, there.get("notification_configuration") or {}
        found: Data = {
            key: made[key] for key in ("name", "description", "notification_type", "messages") if key in made
        }
        secret = accounts.ENCRYPTED
        same = bool(there) and all(has.get(key) == value or has.get(key) == secret for key, value in config.items())
        if not same or self._values["update_secrets"]:
            found["notification_configuration"] = {**has, **config}
        return found

    def _launches(self, planned: list[Data]) -> list[Data]:
        """The jobs that prove the set-up: nothing of them changes anything. Each kind of answers once."""
        report = next(made["name"] for made in self._shipped["templates"] if made["playbook"].startswith("report_"))
        found: list[Data] = [{"what": "the report", "template": report, "answers": {}}]
        for one in planned:
            template = self._planning(one["template"])
            found.append({"what": f"schedule {one['name']}", "template": template, "answers": one["extra_data"]})
        launches: dict[str, Data] = {}
        for one in found:
            spec = self._specs[one["template"]]
            asked = {question["variable"] for question in spec}
            answers = {**surveys.required(spec), **{key: it for key, it in one["answers"].items() if key in asked}}
            answers.update({name: "no" for name in asked if name.endswith("_apply")})
            first = launches.setdefault(repr((one["template"], sorted(answers.items()))), {**one, "answers": answers})
            if first["what"] != one["what"]:
                first["what"] += f", {one['what']}"
        return list(launches.values())

    def _planning(self, name: str) -> str:
        """The template that plans what this one does: what applies without asking is never launched here."""
        extra_vars = self._launched[name].get("extra_vars", {"its jobs_apply": True})
        applies = any(key.endswith("_apply") and value for key, value in extra_vars.items())
        return str(self._shipped["workflow"]["plan"]) if applies else name

    def _note(self, name: str, sentences: list[str]) -> None:
        self.kept += [f"{name}: {sentence}." for sentence in sentences]


def grants(values: Values, shipped: Data) -> list[Data]:
    """The roles of the teams. Who approves sees the plan; who operates starts nothing that ends without an approval."""
    prefix, names, workflow = values["prefix"], names_of(values), shipped["workflow"]
    own = {name: f"{prefix}{name}" for name in TEAMS} if values["teams"] is None else values["teams"]
    every = [made["name"] for made in shipped["templates"]]
    harmless = [made["name"] for made in shipped["templates"] if made.get("operators")]
    seen = [node["template"] for node in workflow["nodes"] if "template" in node]
    places = {"inventories": [names["inventory"]], "projects": [names["project"]]}
    wanted: list[tuple[str, tuple[str, ...], list[str], list[str], Data]] = [
        ("execute", ("operators",), harmless, [workflow["name"]], {}),
        ("execute", ("approvers",), [], [workflow["name"]], {}),
        ("approval", ("approvers",), [], [workflow["name"]], {}),
        ("read", ("approvers",), seen, [], {}),
        ("read", ("operators", "auditors"), every, [workflow["name"]], places),
    ]
    found = []
    for role, teams, templates, workflows, more in wanted:
        if given := [own[team] for team in teams if own.get(team)]:
            grant = {"teams": given, "role": role, "workflows": [prefix + name for name in workflows]}
            found.append({**grant, "job_templates": [prefix + name for name in templates], **more})
    return found


def _archive_problem(answers: Data) -> str:
    """A sentence about logs that are to be saved nowhere, or a folder that gets none; empty if there is none."""
    for logs, wanted in answers.items():
        role, is_logs, _rest = logs.partition("_archive_logs")
        folder = answers.get(f"{role}_archive_dir")
        if is_logs and folder and wanted == "no":
            return f"{role}_archive_dir names a folder, and {logs} is no"
        if is_logs and not folder and wanted == "yes" and answers.get(f"{role}_apply") != "no":
            return f"{logs} is yes, and {role}_archive_dir names no folder"
    return ""


def _read(text: Any) -> Data:
    try:
        read = yaml.safe_load(text) if isinstance(text, str) else text
    except yaml.YAMLError:
        return {}
    return dict(read) if isinstance(read, Mapping) else {}
