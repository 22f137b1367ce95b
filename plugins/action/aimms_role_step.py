# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the roles that are neither a request to the service nor a message: reading, gathering, signing, merging.

Documented in ``plugins/modules/aimms_role_step.yml``. The work is in ``plugin_utils/role_*.py``; here it meets Ansible.
A step takes the registered results of the tasks before it, ``_ROLE_NAME``. It never returns the key.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any, Optional

from ansible import constants
from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import role_outcomes, role_texts, role_variables
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.near_misses import (
    misspelt,
    near_misses,
    only_for,
    refuse_environment,
    refuse_lost_words,
    unread_connection,
    with_keys,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.next_steps import next_steps, where
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.other_hosts import other_hosts
from ansible_collections.aimms.cloud.plugins.plugin_utils.metrics import run_text
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices import run as notices
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import accounts
from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.files import (
    Files,
    files_of_list,
    files_of_problem,
    files_of_run,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.publishing import finished, pages_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, REPORT, TASKS
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps import policies, push
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import OMITTED, earlier_plan, last_cleanup
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.host_files import HostFiles
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.key import key_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.places import files_of, path_in, path_of_host, place_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import (
    gathered,
    has,
    held_after,
    records_of,
    registered,
    remarks_before,
    settings_of,
    text_of,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.statistic import statistic
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.version import collection_version

Data = dict[str, Any]
Vars = Mapping[str, Any]


class ActionModule(HostFiles):
    """A step of a role. It takes any argument, as ``module_defaults`` of the play are refused by the step ``read``."""

    def run(self, tmp: Any = None, task_vars: Optional[Data] = None) -> Data:
        """The result of the step ``step`` of the role ``role``."""
        result: Data = super().run(tmp, task_vars)
        role, step = (str(self._task.args[name]) for name in ("role", "step"))
        try:
            made = getattr(self, f"_step_{step}")(role, task_vars or {})
        except AimmsError as error:
            made = {"failed": True, "msg": str(error)}
        with contextlib.suppress(OptionError):  # nothing was read, so that no module ran
            made = _with_warnings(made, remarks_before(role, step, task_vars or {}))
        return {**result, "changed": False, **made}

    # Steps

    def _step_read(self, role: str, task_vars: Vars) -> Data:
        """The fact that all other steps and tasks need: no template of the caller is evaluated after it."""
        settings, warnings = self._settings_of(role, task_vars)
        if settings["folder"]:  # before anything is changed: what was changed must be reported
            self._make_folder(settings["folder"])
        return _with_warnings({"settings": settings}, warnings)

    def _step_plan(self, role: str, task_vars: Vars) -> Data:
        settings = {**settings_of(role, task_vars), "key": key_of(registered(role, "key", task_vars))}
        selection = registered(role, "selection", task_vars)
        given = partial(notices.announced, settings, selection, _ledger_fact(task_vars), time.time)
        try:
            plan = role_outcomes.plan_of(settings, selection, given if settings["given"].get("notice") else None)
        except AimmsError as error:
            for path, text in files_of_problem(settings, str(error), _now()).items():
                self._try_to_write(path, text)
            raise
        found = role_outcomes.gathered(settings, selection, plan, None)
        made = {**plan, "lines": role_texts.plan_lines(settings, selection, found)}
        told = plan["notices"] or {}
        ledger, warning = told.pop("ledger", None), told.pop("warning", "")
        made["owners"] = [one["owner"] for one in told.get("to_notify", ()) if one["owner"]]
        made["parts"] = role_outcomes.parts_of(settings, made)
        made["sizes"] = [len(batch) for batch in made["batches"]]
        made["batches"] = [text_of(batch) for batch in made["batches"]]
        made.update({"ansible_facts": {notices.FACT: ledger}} if ledger else {})
        return _with_warnings(made, [warning] if warning else [])

    def _step_archive(self, role: str, task_vars: Vars) -> Data:
        settings, number = settings_of(role, task_vars), int(self._task.args["number"])
        records = records_of(registered(role, "plan", task_vars)["batches"][number])
        made = role_outcomes.with_saved_log(settings, records, registered(role, "logs", task_vars))
        return {**made, "size": len(made["sessions"]), "sessions": text_of(made["sessions"])}

    def _step_batch(self, role: str, task_vars: Vars) -> Data:
        settings, number = settings_of(role, task_vars), int(self._task.args["number"])
        tried, archive = registered(role, "plan", task_vars)["batches"][number], None  # texts, see ``text_of``
        before = registered(role, "done", task_vars) if number else None
        batch = registered(role, "batch", task_vars)
        if role == TASKS:  # its module saves what belongs to a task
            archive = {"files": batch.get("files")}
        elif settings["given"]["archive_logs"] and not (before and before["stopped"]):
            ready = registered(role, "ready", task_vars)
            tried, archive = ready["sessions"], {name: ready[name] for name in ("unsaved", "files")}
        return held_after(before, settings, records_of(tried), batch, archive)

    def _step_report(self, role: str, task_vars: Vars) -> Data:
        settings = {**settings_of(role, task_vars), "key": key_of(registered(role, "key", task_vars))}
        written_at = _now()
        if role == REPORT:
            return self._report_sessions(settings, written_at, task_vars)
        found = gathered(role, task_vars)
        selection = registered(role, "selection", task_vars)
        written = self._write_files(files_of_run(settings, found, selection, written_at, self._read_small, time.time()))
        lines = role_texts.outcome_lines(settings, found) if found["applied"] else []
        if not settings["changes"]:
            lines = list(registered(role, "plan", task_vars)["lines"])
        lines += next_steps(settings, found)
        told = {name: found[name] for name in ("result", "host", "began", "failure")}
        return {**told, "lines": lines, "written_at": written_at, **written}

    def _step_tell(self, role: str, task_vars: Vars) -> Data:
        """The last words of the role on the screen, as those of ``debug``; the failure of the role, if it failed."""
        report = registered(role, "report", task_vars)
        told = {"msg": report["lines"], "_ansible_verbose_always": True}
        return {**told, "failed": True, "lines": told["msg"], "msg": report["failure"]} if report["failure"] else told

    def _step_publish(self, role: str, task_vars: Vars) -> Data:
        """What others read of the run, whatever came of it: figures for Prometheus, announcements, the statistic."""
        made, figures = self._statistic(role, task_vars), {}
        if self._is_told(role, task_vars):  # an announcement is one when its run can be told of
            told = registered(role, "plan", task_vars).get("notices") or {}
            ledger = notices.confirmed(settings_of(role, task_vars), told.get("pending"), _ledger_fact(task_vars))
            made.update({"ansible_facts": {notices.FACT: ledger}} if ledger else {})
        if read := registered(role, "read", task_vars):
            figures = self._figures(role, read.get("settings") or {}, task_vars)
        return _with_warnings(made, self._push(role, figures, task_vars) if figures else [])

    def _is_told(self, role: str, task_vars: Vars) -> bool:
        """Whether this run has a result. That of an earlier one in the play may still be registered."""
        read, report = (registered(role, name, task_vars) for name in ("read", "report"))
        return has(read, "settings") and report.get("began") == read["settings"]["began"]

    def _statistic(self, role: str, task_vars: Vars) -> Data:
        """The results of all hosts of the run as its statistic, each host once, and the page over all accounts."""
        results = finished(role, task_vars)
        if not results:
            return {}
        hosts, host = list(task_vars.get("ansible_play_hosts_all") or ()), str(task_vars["inventory_hostname"])
        told = list(results.values())
        pages, warnings = pages_of(role, told, task_vars) if told[-1]["host"] == host else ({}, [])
        data = {f"{role}_result": statistic(told, hosts, _in_awx(task_vars)), **pages}
        if index := accounts.index_for(host, [one["page"] for one in told], set(hosts) - set(results)):
            warnings += self._write_index(*index)
        return _with_warnings({"ansible_stats": {"data": data, "per_host": False, "aggregate": False}}, warnings)

    def _figures(self, role: str, settings: Vars, task_vars: Vars) -> Data:
        """Writes the metrics file, after a run that went well or not, and returns what is to be pushed."""
        if not settings:  # the variables were refused: the metrics still tell that the run failed
            with contextlib.suppress(AnsibleError):
                own = {name: self._variable(task_vars, f"aimms_{name}") for name in ("account", "url")}
                settings = self._place(role, own, task_vars)
        path, found = settings.get("metrics"), None
        if not path and not settings.get("push"):
            return {}
        with contextlib.suppress(OptionError):  # the run came to nothing before it had a plan
            found = gathered(role, task_vars)
        text = run_text(
            settings,
            found,
            selection=registered(role, "selection", task_vars) if settings.get("given") else {},  # of no earlier run
            key=registered(role, "key", task_vars),
            now=time.time(),
            succeeded=self._is_told(role, task_vars) and not registered(role, "report", task_vars)["failure"],
            before=(self._slurped(path, task_vars)[0] or "") if path else None,
            version=collection_version(),
        )
        if path:
            self._write({path: text}, "0644")
        return {"push": settings["push"], "text": text} if settings.get("push") else {}

    def _push(self, role: str, figures: Vars, task_vars: Vars) -> list[str]:
        """Sends the metrics to their URL. Whatever happens there is a warning: the sessions are ended by now.

        That the time of the task is over, too. It is raised here, as nothing else of the task takes long.
        """
        secret = None
        try:
            values = {name: self._variable(task_vars, f"{role}_{name}") for name in push.OPTIONS}
            secret = values["metrics_password"]
            sent = push.request(figures["push"], figures["text"], values)
            made = self._run_action("ansible.legacy.uri", sent, task_vars, no_log=True)
        except BaseException as error:
            if not isinstance(error, Exception) and "Timeout" not in type(error).__name__:
                raise
            made = {"failed": True, "msg": str(error) or "it took too long"}
        return [push.warning(figures["push"], made.get("msg"), secret)] if made.get("failed") else []

    # What they are made of

    def _place(self, role: str, connection: Vars, task_vars: Vars) -> Data:
        """See ``place_of``; ``metrics``, a file, and ``push``, a URL, are None in check mode (or with ``--check``)."""
        environment = {**os.environ, **self._task_environment()}
        host, hosts = str(task_vars["inventory_hostname"]), len(task_vars.get("ansible_play_hosts_all") or ())
        account = role_variables.account_name(connection, environment)
        place = place_of(role, host, hosts, account, str(task_vars.get("playbook_dir")))
        place.update(check_mode=bool(self._task.check_mode or task_vars.get("ansible_check_mode")), metrics=None)
        place.update(address=role_variables.account_address(connection, environment), began=repr(time.time()))
        metrics = self._variable(task_vars, f"{role}_metrics_file")
        if isinstance(metrics, str) and metrics.strip() and not place["check_mode"]:
            place["metrics"] = path_of_host(place, metrics)
        with contextlib.suppress(OptionError):  # ``_settings_of`` tells
            url, user = (self._variable(task_vars, f"{role}_metrics_{name}") for name in ("url", "user"))
            place["push"] = push.url_of(place, url, user)
        return place

    def _settings_of(self, role: str, task_vars: Vars) -> tuple[Data, list[str]]:
        """The settings, and warnings."""
        refuse_lost_words(task_vars)
        spec = self._loader.load_from_file(f"{task_vars['role_path']}/meta/argument_specs.yml")
        options = spec["argument_specs"]["main"]["options"]
        secret = {name for name, entry in options.items() if entry.get("no_log")}  # what is read is shown
        given = dict(self._role_variables(role, task_vars, without=secret))
        plan = given.pop(f"{role}_plan", OMITTED)
        ruled = {name: given.pop(f"{role}_{name}", OMITTED) for name in policies.OPTIONS}
        in_awx = _in_awx(task_vars)
        values = role_variables.read_values(role, options, given, in_awx)
        connection = self._connection_options(role, options, task_vars)
        place = self._place(role, connection, task_vars)
        warnings = self._near_misses(options, values, task_vars, place)
        settings = {**place, "given": values, "connection": connection, "in_awx": in_awx}
        warnings += other_hosts(self._task, task_vars, settings, partial(_address_of, task_vars))
        settings["changes"] = bool(values.get("apply")) and not settings["check_mode"]
        hosts = task_vars.get("ansible_play_hosts_all") or ()
        earlier = earlier_plan(role, settings, plan, hosts, self._reader(task_vars), time.time())
        records, settings["plan_notes"], held = earlier or (None, [], {})
        values.update({name: value for name, value in held.items() if values.get(name) is None})
        settings["follows"] = records is not None
        settings["selection"] = role_variables.selection_of(role, values, records)
        settings["limits"] = role_variables.limits_of(role, values, records)
        if role == CLEANUP:
            if (rules := policies.rules_in(role, settings, ruled, options, self._reader(task_vars))) is not None:
                settings["selection"], settings["limits"] = policies.with_rules(settings, rules)
                values["notice"], settings["notices"] = policies.notices_of(rules, values.get("notice"))
            policies.check_plan(role, records or (), rules)
            settings["push"] = push.url_of(settings, values["metrics_url"], values["metrics_user"])
        role_variables.check_notice_file(role, values)
        settings.update(files_of(role, settings))
        if values.get("notice"):
            warnings += self._add_ledger(settings, task_vars)
        if role == REPORT:
            reported = values["cleanup"] or self._variable(task_vars, f"{CLEANUP}_report_dir")
            settings["cleanup"] = last_cleanup(settings, reported, self._reader(task_vars))
        return settings, warnings

    def _add_ledger(self, settings: Data, task_vars: Vars) -> list[str]:
        """``ledger``: the file of announcements, None for the cached fact. Returns warnings."""
        path = settings["given"]["notice_file"]  # the same for any number of hosts: each finds its own entries
        settings["ledger"] = path_in(settings, path.replace("{host}", settings["host_stem"])) if path else None
        config = constants.config.get_config_value
        core = task_vars["ansible_version"]["full"] if settings["in_awx"] else None
        return notices.check_store(settings, config("CACHE_PLUGIN"), config("CACHE_PLUGIN_TIMEOUT"), core)

    def _near_misses(self, options: Vars, values: Data, task_vars: Vars, place: Vars) -> list[str]:
        """Warnings about variables that no role reads. :raises OptionError: see ``misspelt``, ``unread_connection``."""
        names, role = with_keys(task_vars), place["role"]

        def read(name: str) -> Any:  # what cannot be read is the value of no variable of a role
            with contextlib.suppress(AnsibleError):
                return self._resolved(names, name)
            return {}

        of_role = only_for(role, getattr(getattr(self._task, "_role", None), "vars", {}))  # also those of include_role
        typed = with_keys({**load_extra_vars(self._loader), **{name: read(name) for name in of_role if name in names}})
        found = {name: (meant, read(name)) for name, meant in near_misses(role, options, names, typed).items()}
        found = {name: one for name, one in found.items() if one[1] is not OMITTED}
        refuse_environment(role, options, {**os.environ, **self._task_environment()}, values)
        return unread_connection(role, names, typed, place, read) + misspelt(role, options, found, values, names, typed)

    def _variable(self, task_vars: Vars, name: str) -> Any:
        """The value of a variable; None if there is none."""
        value = self._resolved(task_vars, name) if name in task_vars else None
        return None if value is OMITTED else value

    def _role_variables(self, role: str, task_vars: Vars, without: Collection[str]) -> Iterator[tuple[str, Any]]:
        for name in sorted(str(name) for name in task_vars):
            if name.startswith(f"{role}_") and name not in (f"{role}_result", *without):
                value = self._resolved(task_vars, name)
                if value is not OMITTED:
                    yield name, value

    def _resolved(self, values: Vars, name: str) -> Any:
        """The value of a variable, with its templates evaluated; ``OMITTED`` if it is left out."""
        try:
            value = self._templar.template(values[name])
        except AnsibleError as error:
            if "Omit" in type(error).__name__:
                return OMITTED
            raise
        omit = self._templar.available_variables.get("omit")  # a text before ansible-core 2.19
        return OMITTED if omit is not None and (value is omit or value == omit) else value

    def _connection_options(self, role: str, options: Vars, task_vars: Vars) -> Data:
        """The connection without the key: from the variables, then from ``module_defaults`` of the play."""
        every = {**role_variables.CONNECTION_VARIABLES, "aimms_api_key": "api_key"}
        own = {
            name: value
            for variable, name in every.items()
            if variable in task_vars
            for value in [self._resolved(task_vars, variable)]
            if value is not OMITTED and value is not None and value != ""
        }
        defaults = role_variables.foreign_defaults(role, options, _as_list(self._task.module_defaults), own)
        found = {**{name: self._resolved(defaults, name) for name in defaults}, **own}
        return {name: value for name, value in found.items() if name != "api_key" and value is not OMITTED}

    def _task_environment(self) -> dict[str, str]:
        """The variables of the keyword ``environment``."""
        found: dict[str, str] = {}
        for entry in _as_list(self._task.environment):
            values = self._templar.template(entry)
            found.update(values if isinstance(values, Mapping) else {})
        return found

    def _report_sessions(self, settings: Data, written_at: str, task_vars: Vars) -> Data:
        listed = registered(REPORT, "list", task_vars)
        if not isinstance(listed.get("sessions"), list):
            raise OptionError(str(listed.get("msg") or "The step gave no results."))
        report = role_texts.list_page(settings, listed, written_at)
        written = self._write_files(files_of_list(settings, report, self._read_small, time.time()))
        left_out = ("sessions", "cleanup", "host", "account", "portal", "written_at", "server_time", "remarks", "files")
        result = {name: value for name, value in report.items() if name not in left_out}
        result["report"] = settings["files"]
        lines = [*role_texts.figure_lines(report), where(settings, "dir")]
        told = {name: settings[name] for name in ("host", "began")}
        return {**told, "result": result, "failure": "", "lines": lines, "written_at": written_at, **written}

    def _write_files(self, files: Files) -> Data:
        """Write the files of a run. The result has what its page and that over all accounts need later."""
        self._write(files.texts, "0640")
        warnings = self._try_to_write(*files.history) if files.history else []
        return _with_warnings({"page": files.page, "history": files.runs}, warnings)

    def _write_index(self, path: str, text: str) -> list[str]:
        """Write the page over all accounts, unless somebody else wrote a page of that name. Returns warnings."""
        if accounts.is_foreign(self._read_small(path)):
            return [f"{path} is not written: something else wrote the page that is there."]
        return self._try_to_write(path, text)


def _with_warnings(made: Data, warnings: list[str]) -> Data:
    return {**made, "warnings": every} if (every := [*made.get("warnings", ()), *warnings]) else made


def _address_of(task_vars: Vars, host: str) -> str:
    with contextlib.suppress(AnsibleError):
        own = task_vars["hostvars"][host]
        return role_variables.account_address({name: own.get(f"aimms_{name}") for name in ("account", "url")}, {})
    return "?"  # it cannot be read, so it is not known to be that of another host


def _ledger_fact(task_vars: Vars) -> Any:
    return (task_vars.get("ansible_facts") or {}).get(notices.FACT)


def _in_awx(task_vars: Vars) -> bool:
    return "awx_job_id" in task_vars or "tower_job_id" in task_vars


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
