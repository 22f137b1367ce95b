# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the roles without Ansible around them: what is read, and that nothing is done without it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleUndefinedVariable
from ansible.parsing.splitter import parse_kv
from ansible.plugins.action import ActionBase

from ansible_collections.aimms.cloud.plugins.action.aimms_role_step import ActionModule
from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.publishing import pages_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import records_of, released, text_of
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import selection, stale

ROLES = Path(__file__).absolute().parents[4] / "roles"
KEY = "canary-key-0123456789"


class Templar:
    """Evaluates nothing but ``{{ name }}``."""

    def __init__(self, variables):
        self.available_variables = variables

    def template(self, value):
        name = value[3:-3] if isinstance(value, str) and value.startswith("{{ ") else None
        if name and name not in self.available_variables:
            raise AnsibleUndefinedVariable(name)
        return self.available_variables[name] if name else value


def step(
    monkeypatch,
    name,
    variables=None,
    *,
    role="stale_session_cleanup",
    check_mode=False,
    defaults=(),
    **more,
):
    """The result of a step with these variables; ``files`` written are added to it, and what was ``pushed``.

    ``answer``: the result of a push, or what it raises. ``of_role``: variables that the play gives to the role itself.
    """
    answer, once, of_role = more.pop("answer", {}), more.pop("once", False), more.pop("of_role", {})
    every = {
        "inventory_hostname": "h",
        "ansible_play_hosts_all": ["h"],
        "playbook_dir": "/plays",
        "role_path": str(ROLES / role),
        "hostvars": {},
        **(variables or {}),
    }
    task = SimpleNamespace(
        args={"role": role, "step": name, **more},
        check_mode=check_mode,
        module_defaults=list(defaults),
        environment=[],
        async_val=0,
        diff=False,
        run_once=once,
        _role=SimpleNamespace(vars=of_role),
    )
    monkeypatch.setattr(ActionBase, "run", lambda _self, _tmp=None, _task_vars=None: {})
    written, made, pushed = {}, [], []

    def push(_self, name, arguments, _vars, *, no_log=False):
        pushed.append((name, no_log, arguments["url"], arguments["body"]))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(ActionModule, "_run_action", push)
    monkeypatch.setattr(ActionModule, "_slurped", lambda _self, path, _vars: (written.get(path), "there is none"))
    monkeypatch.setattr(ActionModule, "_read_small", lambda _self, path: written.get(path, ""))
    monkeypatch.setattr(ActionModule, "_make_folder", lambda _self, path: made.append(path))
    monkeypatch.setattr(ActionModule, "_write", lambda _self, texts, _mode: written.update(texts))
    loader = SimpleNamespace(load_from_file=lambda path: yaml.safe_load(Path(path).read_text()))
    action = ActionModule(task, None, None, loader, Templar(every), None)
    return {**action.run(task_vars=every), "files": written, "folders": made, "pushed": pushed}


def read(monkeypatch, others=None, **given):
    options = {name: given.pop(name) for name in ("role", "check_mode", "defaults", "once", "of_role") if name in given}
    role = options.get("role", "stale_session_cleanup")
    connection = {"aimms_account": "acme", "aimms_api_key": KEY}
    named = {name if name.startswith(("awx", "aimms")) else f"{role}_{name}": value for name, value in given.items()}
    return step(monkeypatch, "read", {**connection, **named, **(others or {})}, **options)


def test_reading_gives_one_fact_without_the_key(monkeypatch):
    found = read(monkeypatch, apply="yes", protect_owners="svc-*, a@B", report_dir="reports", archive_dir="/logs")
    settings = found["settings"]
    assert KEY not in json.dumps(found)
    assert (settings["changes"], settings["account"], settings["connection"]) == (True, "acme", {"account": "acme"})
    assert settings["selection"]["protect_owners"] == ["svc-*", "a@B"]
    assert settings["files"]["markdown"] == "/plays/reports/h.md"
    assert settings["archive"] == "/logs/h/"
    assert found["folders"] == ["/plays/reports"]


def test_check_mode_changes_nothing_and_names_no_file(monkeypatch):
    settings = read(monkeypatch, apply=True, report_dir="r", metrics_file="m.prom", check_mode=True)["settings"]
    assert (settings["changes"], settings["files"], settings["folder"], settings["metrics"]) == (
        False,
        None,
        None,
        None,
    )


def test_check_mode_of_the_command_line_beats_that_of_the_play(monkeypatch):
    settings = read(monkeypatch, {"ansible_check_mode": True}, apply=True, report_dir="r", metrics_file="m")["settings"]
    assert (settings["changes"], settings["check_mode"], settings["files"]) == (False, True, None)


@pytest.mark.parametrize("plan", ["", " \n", None])
def test_an_empty_plan_is_refused_and_in_awx_it_is_an_unanswered_question(monkeypatch, plan):
    assert read(monkeypatch, apply=True, plan=plan)["failed"]
    assert read(monkeypatch, apply=True, plan=plan, awx_job_id=7)["settings"]["follows"] is False


def test_without_apply_an_empty_plan_is_none(monkeypatch):
    assert read(monkeypatch, plan="")["settings"]["follows"] is False


def test_a_plan_is_followed_by_its_own_host_only(monkeypatch):
    records = [{"id": "a", "host": "h"}, {"id": "b", "host": "other"}]
    settings = read(monkeypatch, apply=True, plan={"planned": records})["settings"]
    assert settings["follows"] is True
    assert [one["id"] for one in settings["limits"]["sessions"]] == ["a"]
    assert "older_than" not in settings["selection"]
    for text in (
        json.dumps({"planned": records}),
        f" \n{json.dumps(records)}",
        str(records),
        "[{id: a}, {id: b, host: o}]",
    ):
        settings = read(monkeypatch, apply=True, plan=text)["settings"]
        assert [one["id"] for one in settings["limits"]["sessions"]] == ["a"]
    assert read(monkeypatch, plan='{"planned": [').get("msg").startswith('stale_session_cleanup_plan: {"planned": [ is')
    assert "cannot be read" in read(monkeypatch, plan="gone.json")["msg"]


def test_protections_in_the_defaults_of_the_play_are_refused(monkeypatch):
    defaults = [{"aimms.cloud.aimms_session_terminate": {"protect_owners": ["svc-*"]}}]
    assert "module_defaults of the play" in read(monkeypatch, defaults=defaults)["msg"]


def test_the_metrics_tell_of_a_refused_reading_which_itself_has_a_message_only(monkeypatch):
    found = read(monkeypatch, batch_size=0, metrics_file="/m/{host}.prom")
    assert set(found) == {"failed", "msg", "changed", "files", "folders", "pushed"}
    given = {"aimms_account": "acme", "stale_session_cleanup_metrics_file": "/m/{host}.prom"}
    after = published(monkeypatch, {"h": {}}, "h", **given, _stale_session_cleanup_read=found)
    ((path, text),) = after["files"].items()
    assert path == "/m/h.prom"
    assert 'last_run_success{account="acme"} 0' in text
    assert "sessions_running" not in text


def test_they_tell_the_same_of_a_second_run_in_the_play_whose_reading_is_refused(monkeypatch):
    given = {"aimms_account": "acme", "stale_session_cleanup_metrics_file": "/m/h.prom"}
    before = {"_stale_session_cleanup_selection": selection(stale(1)), "_stale_session_cleanup_report": {"began": "1"}}
    found = read(monkeypatch, batch_size=0)
    after = published(monkeypatch, {"h": {}}, "h", **given, **before, _stale_session_cleanup_read=found)
    assert "failed" not in after
    assert 'last_run_success{account="acme"} 0' in after["files"]["/m/h.prom"]
    assert "sessions_running" not in after["files"]["/m/h.prom"]


PUSH = "https://push.example.com/metrics/job/x/account/{account}"


def test_a_password_is_in_no_setting_and_what_is_pushed_is_what_is_written(monkeypatch):
    found = read(monkeypatch, metrics_url=PUSH, metrics_user="me", metrics_password=KEY, metrics_file="/m/{host}.prom")
    assert KEY not in json.dumps(found)
    assert found["settings"]["push"] == "https://push.example.com/metrics/job/x/account/acme"
    after = published(monkeypatch, {"h": {}}, "h", _stale_session_cleanup_read=found)
    assert after["pushed"] == [("ansible.legacy.uri", True, found["settings"]["push"], after["files"]["/m/h.prom"])]
    assert not published(monkeypatch, {"h": {}}, "h", _stale_session_cleanup_read=read(monkeypatch))["pushed"]


def test_a_refused_reading_is_pushed_too_but_not_to_a_url_that_was_refused(monkeypatch):
    for url, pushed in ((PUSH, True), ("push.example.com", False), ("http://push.example.com", False)):
        names = {"aimms_account": "acme", "stale_session_cleanup_metrics_user": "me"}
        found = read(monkeypatch, metrics_url=url, metrics_user="me", batch_size=0)
        given = {**names, "stale_session_cleanup_metrics_url": url, "_stale_session_cleanup_read": found}
        assert bool(published(monkeypatch, {"h": {}}, "h", **given)["pushed"]) is pushed


def test_an_empty_url_is_none_as_where_a_variable_of_the_ci_is_not_set(monkeypatch):
    assert read(monkeypatch, metrics_url=" ", metrics_user="")["settings"]["push"] is None


def test_nothing_is_pushed_in_check_mode(monkeypatch):
    assert read(monkeypatch, metrics_url=PUSH, check_mode=True)["settings"]["push"] is None


class TaskTimeoutError(BaseException):
    """As Ansible raises it when the time of a task is over."""


@pytest.mark.parametrize(
    ("answer", "more", "said"),
    [
        ({}, {}, None),
        ({"failed": True, "msg": f"401 {KEY}"}, {}, "401 ********"),
        ({}, {"metrics_password": "{{ gone }}"}, "gone"),
        ({}, {"metrics_validate_certs": "perhaps"}, "neither true nor false"),
        (OSError("the disk is full"), {}, "the disk is full"),
        (TaskTimeoutError("Timed out after 60 second(s)."), {}, "Timed out after 60"),
        (TaskTimeoutError(), {}, "it took too long"),
    ],
)
def test_whatever_happens_to_a_push_is_a_warning_and_the_run_is_published(monkeypatch, answer, more, said):
    found = read(monkeypatch, metrics_url=PUSH, metrics_user="me", metrics_password=KEY)
    given = {"metrics_user": "me", "metrics_password": KEY, **more}
    named = {f"stale_session_cleanup_{name}": value for name, value in given.items()}
    told = published(
        monkeypatch, {"h": planned(monkeypatch)}, "h", answer=answer, _stale_session_cleanup_read=found, **named
    )
    assert not told.get("failed")
    assert "stale_session_cleanup_result" in told["ansible_stats"]["data"]
    assert KEY not in json.dumps(told)
    assert len(told["pushed"]) == (0 if more else 1)
    assert said in told["warnings"][0] if said else "warnings" not in told


def test_what_ends_the_program_is_no_warning(monkeypatch):
    found = read(monkeypatch, metrics_url=PUSH)
    with pytest.raises(KeyboardInterrupt):
        published(monkeypatch, {"h": {}}, "h", answer=KeyboardInterrupt(), _stale_session_cleanup_read=found)


def test_a_protection_with_a_wrong_name_is_refused_unless_the_role_has_it_too(monkeypatch):
    wrong = {"aimms_protect_owners": "{{ services }}", "services": ["svc-*"]}
    assert read(monkeypatch, wrong)["msg"].startswith("aimms_protect_owners: no role reads this variable")
    found = read(monkeypatch, wrong, protect_owners=["a@B", "svc-*"])
    assert found["settings"]["selection"]["protect_owners"] == ["a@B", "svc-*"]
    assert "warnings" not in found
    assert read(monkeypatch, {"aimms_protect_owners": "{{ nothing }}"})["failed"]


def test_a_protection_in_the_environment_is_refused(monkeypatch):
    monkeypatch.setenv("AIMMS_PROTECT_OWNERS", "svc-*")
    assert read(monkeypatch)["msg"].startswith("AIMMS_PROTECT_OWNERS: no role reads this variable of the environment")
    assert "failed" not in read(monkeypatch, protect_owners="svc-*")


def test_a_mapping_with_the_role_s_variables_is_refused_unless_they_are_passed_on(monkeypatch):
    wrong = {"stale_session_cleanup": {"protect_owners": "{{ services }}"}, "services": ["svc-*"]}
    said = "stale_session_cleanup.protect_owners: no role reads this variable, so it protects nothing."
    assert read(monkeypatch, wrong)["msg"].startswith(said)
    assert "warnings" not in read(monkeypatch, wrong, protect_owners=["a@B", "svc-*"])


@pytest.mark.parametrize(
    "typed",
    [
        "stale_session_cleanup_protect_owners=svc-*, *@OPS",
        "stale_session_cleanup_protect_owners: svc-*",
        "stale_session_cleanup_protect_owners = svc-*",
        "stale_session_cleanup_protect_owners=svc-* # services",
        "stale_session_cleanup_protect_owners=svc-*\n*@OPS",
        "aimms_api_key: SECRET",
    ],
)
def test_words_of_extra_variables_that_ansible_drops_are_refused_and_not_shown(monkeypatch, typed):
    found = read(monkeypatch, parse_kv(typed))
    assert found["failed"]
    assert found["msg"].startswith("-e: some words of an extra variable are not NAME=VALUE")
    assert not any(word in found["msg"] for word in ("OPS", "SECRET"))


@pytest.mark.parametrize("failure", [{}, {"sessions": None, "msg": "no"}])
def test_a_step_tells_what_the_modules_before_it_had_to_warn_of(monkeypatch, failure):
    remarks = {"remarks": ["Set naive_timezone."]}
    given = {"read": read(monkeypatch), "selection": {**selection(stale(1)), **remarks, **failure}, "key": remarks}
    made = step(monkeypatch, "plan", {f"_stale_session_cleanup_{name}": value for name, value in given.items()})
    assert made["warnings"] == ["Set stale_session_cleanup_naive_timezone."] * 2
    assert made.get("failed", False) is bool(failure)


def test_a_variable_named_as_if_it_were_of_the_connection_is_a_warning(monkeypatch):
    (warning,) = read(monkeypatch, {"aimms_maxtime": 5})["warnings"]
    assert warning.endswith("does not read this variable. Perhaps aimms_max_time is meant.")


def test_the_address_of_another_account_under_a_name_that_no_role_reads_is_refused(monkeypatch):
    monkeypatch.setenv("AIMMS_ACCOUNT", "acme")
    others = {"aimms": {"url": "{{ other }}", "api_key": KEY}, "other": "https://b.example"}
    found = step(monkeypatch, "read", others)
    assert found["failed"]
    assert found["msg"].startswith("aimms.url: the role stale_session_cleanup does not read this variable, and would")
    assert "failed" not in step(monkeypatch, "read", {**others, "other": "https://acme.aimms.cloud"})
    assert "failed" not in step(monkeypatch, "read", {**others, "aimms_account": "acme"})
    monkeypatch.delenv("AIMMS_ACCOUNT")
    assert "failed" not in step(monkeypatch, "read", others)  # the module says that there is no account


def test_what_run_once_leaves_out_is_a_warning_also_where_it_cannot_be_read(monkeypatch):
    class Unreadable(dict):
        def get(self, name, default=None):
            raise AnsibleUndefinedVariable(name)

    every = {"h": {"aimms_account": "acme"}, "g": {"aimms_account": "b"}, "f": Unreadable(), "e": {"aimms_url": ""}}
    others = {"hostvars": every, "ansible_play_batch": [*every]}
    (warning,) = read(monkeypatch, others, once=True)["warnings"]
    assert "the account of h only, not at those of the other hosts (3): g, f, e. Leave" in warning
    assert "warnings" not in read(monkeypatch, others)


def test_another_near_miss_is_a_warning_or_as_an_extra_variable_refused(monkeypatch):
    found = read(monkeypatch, {"max_sessions": "{{ nothing }}"})
    assert [text.partition(":")[0] for text in found["warnings"]] == ["max_sessions"]
    assert "warnings" not in read(monkeypatch, {"max_sessions": "{{ n }}", "n": "7"}, max_sessions=7)
    monkeypatch.setattr(f"{ActionModule.__module__}.load_extra_vars", lambda _loader: {"cleanup_apply": True})
    found = read(monkeypatch, {"cleanup_apply": True})
    assert found["failed"]
    assert found["msg"].startswith("cleanup_apply: the role stale_session_cleanup does not read this variable. If it")
    assert found["msg"].endswith("Name it stale_session_cleanup_apply.")


@pytest.mark.parametrize("given", [{"owners": "a@B"}, {"dry_run": True}, {"apply": "{{ no }}"}, {"account": "other"}])
def test_what_is_given_to_the_role_itself_is_for_the_role(monkeypatch, given):
    others = {**given, "no": "false"}
    assert "failed" not in read(monkeypatch, others, apply=True)  # variables of the play may be for other things
    found = read(monkeypatch, others, apply=True, of_role=given)
    assert found["failed"]
    assert found["msg"].startswith(f"{next(iter(given))}: the role stale_session_cleanup does not read this variable")


def test_what_is_given_to_the_role_to_make_another_variable_of_it_is_not_lost(monkeypatch):
    given = {"owners": ["a@B"], "stale_session_cleanup_protect_owners": "{{ owners }}"}
    assert "failed" not in read(monkeypatch, {"owners": ["a@B"]}, apply=True, protect_owners=["a@B"], of_role=given)


@pytest.mark.parametrize("name", ["plan", "archive", "batch", "report"])
@pytest.mark.parametrize("before", [{}, {"failed": True, "msg": "no"}, {"skipped": True}])
def test_no_step_does_anything_without_a_reading_that_went_well(monkeypatch, name, before):
    given = {
        "_stale_session_cleanup_read": before,
        "_stale_session_cleanup_plan": {"batches": [text_of(stale(1))], "began": "1"},
        "_stale_session_cleanup_selection": selection(stale(1)),
    }
    found = step(monkeypatch, name, given, number=0)
    assert (found["failed"], found["files"]) == (True, {})
    assert "were not read, or refused: nothing is done." in found["msg"]


def test_a_run_is_reported_and_published_once_for_each_host(monkeypatch):
    registered = {"_stale_session_cleanup_read": read(monkeypatch, apply=True, report_dir="/r", max_sessions=9)}
    registered["_stale_session_cleanup_selection"] = selection(stale(2))
    plan = registered["_stale_session_cleanup_plan"] = step(monkeypatch, "plan", registered)
    assert ([type(batch) for batch in plan["batches"]], plan["sizes"]) == ([str], [2])
    ended = [{**one, "result": "terminated", "msg": ""} for one in records_of(plan["batches"][0])]
    registered["_stale_session_cleanup_batch"] = selection(ended)
    registered["_stale_session_cleanup_done"] = step(monkeypatch, "batch", registered, number=0)
    report = registered["_stale_session_cleanup_report"] = step(monkeypatch, "report", registered)
    assert (len(report["result"]["terminated"]), report["failure"]) == (2, "")
    assert {path: "acme" in text for path, text in report["files"].items()} == {
        "/r/h.json": True,
        "/r/h.md": True,
        "/r/h.html": True,
        "/r/h.xml": True,
        "/r/.h+history.json": True,
    }
    assert "All that was planned has ended." in report["files"]["/r/h.html"]
    hosts = dict.fromkeys(("h", "g"), registered)  # as with run_once: registered for every host
    stats = step(monkeypatch, "publish", {"hostvars": hosts, "ansible_play_hosts_all": ["h", "g"]})["ansible_stats"]
    assert len(stats["data"]["stale_session_cleanup_result"]["terminated"]) == 2


def test_the_sessions_whose_log_was_saved_are_handed_on_as_a_text_with_their_number(monkeypatch):
    given = {"apply": True, "archive_logs": True, "archive_dir": "/logs"}
    registered = {"_stale_session_cleanup_read": read(monkeypatch, **given)}
    registered["_stale_session_cleanup_selection"] = selection(stale(3))
    registered["_stale_session_cleanup_plan"] = step(monkeypatch, "plan", registered)
    saved = [{"kind": "webui", "session_id": f"s{number}", "verified": True} for number in (0, 2)]
    registered["_stale_session_cleanup_logs"] = {"files": saved, "not_saved": []}
    found = registered["_stale_session_cleanup_ready"] = step(monkeypatch, "archive", registered, number=0)
    assert ([one["id"] for one in records_of(found["sessions"])], found["size"]) == (["s0", "s2"], 2)
    registered["_stale_session_cleanup_batch"] = {"msg": "the step came to nothing"}
    held = step(monkeypatch, "batch", registered, number=0)
    assert sorted(one["id"] for one in released(held)["outcomes"]) == ["s0", "s1", "s2"]


def planned(monkeypatch, *, host="h", **given):
    """What the tasks of a plan registered for a host."""
    registered = {"_stale_session_cleanup_read": read(monkeypatch, {"inventory_hostname": host}, **given)}
    registered["_stale_session_cleanup_selection"] = selection(stale(2))
    for name in ("plan", "report"):
        registered[f"_stale_session_cleanup_{name}"] = step(monkeypatch, name, registered)
    return registered


def published(monkeypatch, hosts, host, answer=None, **given):
    run = {"hostvars": hosts, "ansible_play_hosts_all": [*hosts], "inventory_hostname": host, **given}
    return step(monkeypatch, "publish", run, answer=answer or {})


def test_the_page_is_published_once_where_it_is_asked_for_also_without_files(monkeypatch):
    hosts = {name: planned(monkeypatch, host=name, publish_page="yes") for name in ("h", "g")}
    hosts["quiet"] = planned(monkeypatch, host="quiet")
    assert "aimms_pages" not in published(monkeypatch, hosts, "h")["ansible_stats"]["data"]
    data = published(monkeypatch, hosts, "quiet")["ansible_stats"]["data"]
    assert {name: text.lower().startswith("<!doctype html>") for name, text in data["aimms_pages"].items()} == {
        "h": True,
        "g": True,
    }
    monkeypatch.setattr(f"{pages_of.__module__}.LARGEST_PAGE", 100)
    found = published(monkeypatch, hosts, "quiet")
    assert (set(found["ansible_stats"]["data"]), len(found["warnings"])) == ({"stale_session_cleanup_result"}, 2)


def test_in_awx_the_statistic_is_what_an_apply_needs(monkeypatch):
    hosts = {"h": planned(monkeypatch), "g": {}}
    data = published(monkeypatch, hosts, "h", awx_job_id=7)["ansible_stats"]["data"]["stale_session_cleanup_result"]
    assert (data["hosts_without_result"], "kept" in data) == (["g"], False)
    assert "kept" in published(monkeypatch, hosts, "h")["ansible_stats"]["data"]["stale_session_cleanup_result"]


def test_the_page_of_a_run_that_followed_a_plan_says_nothing_of_other_sessions(monkeypatch):
    plan = {"planned": stale(1)}
    registered = {"_stale_session_cleanup_read": read(monkeypatch, apply=True, report_dir="/r", plan=plan)}
    registered["_stale_session_cleanup_selection"] = selection([{**stale(1)[0], "result": "not_found"}])
    registered["_stale_session_cleanup_plan"] = step(monkeypatch, "plan", registered)
    report = step(monkeypatch, "report", registered)
    page = report["files"]["/r/h.html"]
    assert report["failure"].startswith("None of the 1 planned sessions is there as planned (not found)")
    for text in ("None is running", "All that was planned", ">Running<", "Stale is what"):
        assert text not in page
    assert "how many run is not known" in page
    assert "aimms_sessions_running" not in json.dumps(
        published(monkeypatch, {"h": registered}, "h", **registered)["files"]
    )


def test_a_clean_up_of_another_folder_is_found_by_the_report(monkeypatch):
    found = read(monkeypatch, role="session_report", dir="/pages", cleanup="/reports", formats="json,csv")
    settings = found["settings"]
    assert settings["cleanup"] == {"place": "/reports", "report": None}
    listed = {"sessions": [], "complete": True, "naive_timestamps": 0, "server_time": None}
    registered = {"_session_report_read": found, "_session_report_list": listed}
    report = step(monkeypatch, "report", registered, role="session_report")
    assert set(report["files"]) == {"/pages/h.json", "/pages/h.csv"}
    assert report["result"]["running"] == 0
    assert json.loads(report["files"]["/pages/h.json"])["account"] == "acme"
    failed = step(monkeypatch, "report", {**registered, "_session_report_list": {"msg": "no"}}, role="session_report")
    assert (failed["failed"], failed["msg"]) == (True, "no")
