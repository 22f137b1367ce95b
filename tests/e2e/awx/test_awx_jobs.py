# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project of extensions/awx, run as AWX runs jobs, against emulators. Proves rules 12 and 14 for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "robustness/secret_leaks"))

from awx_jobs import Awx, Job
from awx_rules import slices
from forms import Finder, canary

HOUR = 3600.0
JOINTS = "_-.~+/%'\"\\:"
OLDER = "stale_session_cleanup_older_than"
END = "aimms.cloud.aimms_session_terminate"


class Accounts:
    """Three accounts, their inventory, and the credential with their keys."""

    def __init__(self, serve: Callable[..., Any]) -> None:
        self.servers = {name: serve(admin_key=canary(Random(name), JOINTS)) for name in ("acme", "brew", "coal")}
        self.hosts = {name: {"aimms_url": server.url} for name, server in self.servers.items()}
        self.finder = Finder(server.admin_key for server in self.servers.values())
        for server in self.servers.values():
            server.add_session(count=8, age=HOUR)

    @property
    def keys(self) -> str:
        """The text that an administrator pastes into the credential."""
        return "\n".join(f"{name}: {server.admin_key}" for name, server in self.servers.items())

    def age(self, number: int) -> dict[str, set[str]]:
        """Give each account stale sessions; their ids by account."""
        return {
            name: {server.add_session(age=(37 + n) * HOUR, kind="webui")["id"] for n in range(number)}
            for name, server in self.servers.items()
        }

    def ended(self) -> dict[str, set[str]]:
        """The ids of ended sessions, by account."""
        states = {name: server.state()["sessions"] for name, server in self.servers.items()}
        return {name: {key for key, one in state.items() if not one["active"]} for name, state in states.items()}

    def secret(self, job: Job) -> bool:
        """Whether no text of a job contains a key in any form. The texts must not be empty."""
        found = {place: count for place, text in job.texts() if (count := self.finder.count(text))}
        places = {place for place, _text in job.texts()}
        assert {"events", "stdout"} <= places
        assert found == {}
        return any("Using module file" in text for _place, text in job.texts())


@pytest.fixture(scope="module")
def accounts(shared_serve: Callable[..., Any]) -> Accounts:
    """Accounts of this file."""
    return Accounts(shared_serve)


@pytest.fixture
def awx(tmp_path: Path, collections: str) -> Awx:
    """Launches jobs."""
    return Awx(tmp_path, collections)


def test_the_workflow_ends_exactly_what_was_planned_in_every_account(accounts: Accounts, awx: Awx) -> None:
    before, stale = accounts.ended(), accounts.age(2)
    late: dict[str, set[str]] = {}
    gone = min(stale["acme"])

    def meanwhile() -> dict[str, Any]:
        assert accounts.ended() == before
        late.update(accounts.age(1))
        accounts.servers["acme"].update_session(gone, state="completed")
        accounts.servers["acme"].clear_requests()
        return {}

    keys = ("accounts", {"accounts": accounts.keys})
    done = awx.run_workflow(accounts.hosts, keys, meanwhile, stale_session_cleanup_older_than="24h")
    assert (done.status, [*done.jobs]) == ("successful", ["plan", "check", "apply"])
    plan = done.jobs["plan"].artifact["stale_session_cleanup_result"]["planned"]
    assert {name: {one["id"] for one in plan if one["host"] == name} for name in stale} == stale
    shown = " ".join(done.jobs["plan"].output.split())
    assert all(key in shown for keys in stale.values() for key in keys)
    assert (
        "6 sessions are planned to be ended: the workflow goes on and asks for an approval."
        in done.jobs["check"].output
    )
    assert accounts.ended() == {name: before[name] | stale[name] for name in stale}
    assert not any(late[name] & accounts.ended()[name] for name in late)
    assert not [one for one in accounts.servers["acme"].changes() if gone in one["path"]]
    assert {name: accounts.secret(job) for name, job in done.jobs.items()} == {
        "plan": True,
        "check": False,
        "apply": True,
    }


@pytest.mark.once
def test_the_workflow_asks_for_no_approval_of_nothing(accounts: Accounts, awx: Awx) -> None:
    keys = ("accounts", {"accounts": accounts.keys})
    done = awx.run_workflow(accounts.hosts, keys, stale_session_cleanup_older_than="30d")
    assert (done.status, done.asked, [*done.jobs]) == ("successful", False, ["plan", "check"])
    assert "there is nothing to approve" in done.jobs["check"].output


@pytest.mark.once
@pytest.mark.parametrize("answer", [("approved", 12 * 3600.0), ("denied", 60.0)])
def test_an_approval_that_is_denied_or_whose_time_is_over_ends_nobodys_session(
    accounts: Accounts, awx: Awx, answer: tuple[str, float]
) -> None:
    accounts.age(1)
    before = accounts.ended()
    for server in accounts.servers.values():
        server.clear_requests()
    keys = ("accounts", {"accounts": accounts.keys})
    done = awx.run_workflow(accounts.hosts, keys, answer=answer, stale_session_cleanup_older_than="24h")
    assert (done.status, done.asked, [*done.jobs]) == ("failed", True, ["plan", "check"])
    assert accounts.ended() == before
    assert [server.changes() for server in accounts.servers.values()] == [[], [], []]


@pytest.mark.once
def test_one_bad_account_does_not_stop_the_others_and_the_workflow_says_which(accounts: Accounts, awx: Awx) -> None:
    """One key is wrong, and the host of another account is disabled before the approval: both are named at the end."""
    before, stale = accounts.ended(), accounts.age(1)
    wrong = accounts.keys.replace(accounts.servers["brew"].admin_key, "wrong")
    for server in accounts.servers.values():
        server.clear_requests()
    done = awx.run_workflow(
        accounts.hosts, ("accounts", {"accounts": wrong}), lambda: {"only": ["acme", "brew"]}, **{OLDER: "25h"}
    )
    assert (done.status, [*done.jobs]) == ("failed", ["plan", "check-after-failure", "apply"])
    assert done.jobs["plan"].failed == {"brew"}
    assert done.jobs["plan"].artifact["stale_session_cleanup_result"]["hosts_without_result"] == ["brew"]
    assert accounts.ended()["acme"] >= before["acme"] | stale["acme"]
    assert [accounts.ended()[name] - before[name] for name in ("brew", "coal")] == [set(), set()]
    assert [accounts.servers[name].changes() for name in ("brew", "coal")] == [[], []]
    told = " ".join(done.jobs["apply"].output.split())
    assert "The plan has sessions of coal, which the inventory no longer has. They were not ended." in told
    # Where the bad account is the only one with anything to end, nobody is asked.
    keys = ("accounts", {"accounts": wrong})
    none = awx.run_workflow({name: accounts.hosts[name] for name in ("acme", "brew")}, keys, **{OLDER: "30d"})
    assert (none.status, none.asked, [*none.jobs]) == ("failed", False, ["plan", "check-after-failure"])


@pytest.mark.once
def test_without_a_plan_the_last_job_of_the_workflow_sends_nothing(accounts: Accounts, awx: Awx) -> None:
    accounts.age(1)
    for server in accounts.servers.values():
        server.clear_requests()
    job = awx.launch("end planned sessions", accounts.hosts, ("accounts", {"accounts": accounts.keys}))
    assert (job.status, job.failed) == ("failed", set(accounts.hosts))
    assert "no plan of an earlier job" in job.failure("acme")
    assert not any(server.requests() for server in accounts.servers.values())


@pytest.mark.parametrize(
    ("template", "limit"),
    [
        ("end stale sessions", ""),
        pytest.param("end planned sessions", "acme", marks=pytest.mark.once),
        pytest.param("purge session records", "acme", marks=pytest.mark.once),
        pytest.param("report sessions", "", marks=pytest.mark.once),
    ],
)
def test_an_inventory_that_comes_out_empty_fails_and_never_means_the_account_of_the_credential(
    accounts: Accounts, awx: Awx, template: str, limit: str
) -> None:
    acme = accounts.servers["acme"]
    acme.clear_requests()
    given = {"account": "acme", "url": acme.url, "api_key": acme.admin_key}
    plan = {"stale_session_cleanup_result": {"planned": [{"id": "s1", "kind": "webui"}]}}
    job = awx.launch(template, accounts.hosts, ("account", given), only=[], limit=limit, artifact=plan)
    assert (job.status, job.hosts) == ("failed", set())
    assert "No account: the inventory has no hosts." in " ".join(job.output.split())
    assert acme.requests() == []


@pytest.mark.once
def test_a_slice_without_the_accounts_that_were_asked_for_does_nothing_and_ends_well(
    accounts: Accounts, awx: Awx
) -> None:
    for server in accounts.servers.values():
        server.clear_requests()
    keys = ("accounts", {"accounts": accounts.keys})
    asked = {"aimms_hosts": "acme, brew", "sliced": True}
    jobs = [awx.launch("report sessions", accounts.hosts, keys, only=one, **asked) for one in (["brew"], ["coal"])]
    assert [(job.status, job.hosts) for job in jobs] == [("successful", {"brew"}), ("successful", set())]
    assert {name for name, server in accounts.servers.items() if server.requests()} == {"brew"}


def test_slices_clean_at_the_same_time_and_a_host_without_a_key_stops_no_other(accounts: Accounts, awx: Awx) -> None:
    stale = accounts.age(2)
    hosts = {**accounts.hosts, "dust": accounts.hosts["acme"]}
    # Intentionally invalid YAML with a key in the line: an error message must not quote the line.
    quoted = f"# [keys\n  {accounts.keys}\n}}: {{{accounts.servers['acme'].admin_key}\r\n"
    credential = ("accounts", {"accounts": quoted})
    begun = [awx.begin("end stale sessions", hosts, credential, only=one, sliced=True) for one in slices([*hosts], 2)]
    jobs = [job.wait() for job in begun]
    assert [job.hosts for job in jobs] == [{"acme", "coal"}, {"brew", "dust"}]
    assert [job.status for job in jobs] == ["successful", "failed"]
    assert jobs[1].failed == {"dust"}
    assert 'has no line "dust: KEY"' in jobs[1].failure("dust")
    assert END not in jobs[1].actions("dust")
    assert END in jobs[1].actions("brew")
    assert all(stale[name] <= accounts.ended()[name] for name in stale)
    for server in accounts.servers.values():
        changes = [(one["method"], one["path"]) for one in server.changes()]
        assert len(set(changes)) == len(changes)
    assert all(accounts.secret(job) for job in jobs)


@pytest.mark.once
def test_every_host_is_an_account_of_its_own_and_says_which(accounts: Accounts, awx: Awx) -> None:
    acme = accounts.servers["acme"]
    for server in accounts.servers.values():
        server.clear_requests()
    given = {"account": "acme", "url": acme.url, "api_key": acme.admin_key}
    # A host without variables is the account of the credential only if it has its name.
    hosts = {"acme": {}, "twin": {"aimms_url": f"{acme.url}/"}, "nobody": {}, "private": {"aimms_account": "acme"}}
    job = awx.launch("report sessions", hosts, ("account", given))
    assert (job.status, job.failed) == ("failed", set(hosts))
    for host in ("acme", "twin"):
        assert f"The hosts acme, twin are the same account, {acme.url}." in job.failure(host)
    assert "The host nobody does not say which account it is." in job.failure("nobody")
    assert "this host is the account acme at https://acme.aimms.cloud." in job.failure("private")
    unnamed = {name: accounts.hosts[name] for name in ("acme", "brew")}
    job = awx.launch("report sessions", unnamed, ("account", {"api_key": acme.admin_key}))
    assert job.failed == {"acme", "brew"}
    assert "does not say which account it is for, and there are 2 hosts" in job.failure("acme")
    assert not any(server.requests() for server in accounts.servers.values())


def test_the_key_of_one_account_goes_to_that_account_only(accounts: Accounts, awx: Awx) -> None:
    acme, other = accounts.servers["acme"], accounts.servers["brew"]
    for server in (acme, other):
        server.clear_requests()
    given = {"account": "acme", "url": acme.url, "api_key": acme.admin_key}
    # An address of the credential does not redirect the account of the inventory: both stand there.
    hosts = {name: {"aimms_account": name, "aimms_url": one.url} for name, one in (("acme", acme), ("brew", other))}
    job = awx.launch("purge session records", hosts, ("account", given))
    assert job.failed == {"brew"}
    assert "this host is the account brew" in job.failure("brew")
    assert other.requests() == []
    report = awx.launch("report sessions", hosts, ("account", given), only=["acme"])
    assert (report.status, report.artifact["session_report_result"]["running"] >= 8) == ("successful", True)
    assert acme.requests() != []
    assert acme.changes() == []
    assert accounts.secret(job)
    assert accounts.secret(report)
