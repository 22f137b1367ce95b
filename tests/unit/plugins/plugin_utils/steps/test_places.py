# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a role go, by host."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, REPORT, RETENTION
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.places import files_of, path_in, path_of_host, place_of


def place(host="h", hosts=1, base="/plays"):
    return place_of(CLEANUP, host, hosts, "acme", base)


def test_the_account_is_the_host_where_it_is_not_known():
    assert place_of(CLEANUP, "h", 1, "", "/plays")["account"] == "h"


@pytest.mark.parametrize(
    ("host", "hosts", "account", "stem"),
    [
        ("localhost", 1, "acme", "acme"),
        ("127.0.0.1", 1, "acme.aimms.cloud", "acme.aimms.cloud"),
        ("localhost", 1, "proxy.example:8443", "proxy.example-8443"),
        ("localhost", 1, "a/b", "a_b-c14cddc0"),
        ("localhost", 1, "", "localhost"),
        ("localhost", 2, "acme", "localhost"),  # another host may have that name
        ("north", 1, "acme", "north"),
    ],
)
def test_reports_of_localhost_alone_have_the_name_of_the_account(host, hosts, account, stem):
    found = place_of(CLEANUP, host, hosts, account, "/plays")
    assert (found["stem"], found["host_stem"]) == (stem, host)
    assert path_of_host(found, "{host}.prom") == f"/plays/{host}.prom"


def test_the_files_of_an_installed_playbook_do_not_go_among_the_installed_files():
    base = "/usr/ansible_collections/aimms/cloud/playbooks"
    assert place(base=base)["base"] == str(Path.cwd())


def test_a_path_may_be_relative_to_the_home_or_a_variable(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("STATE", "/state")
    assert [path_in(place(), text) for text in (" a ", "~/b", "$STATE/c")] == ["/plays/a", "/home/me/b", "/state/c"]


@pytest.mark.parametrize(
    ("text", "hosts", "path"),
    [
        ("m.prom", 1, "/plays/m.prom"),
        ("m.prom", 2, "/plays/m-a_b-6e8b8acc.prom"),
        ("/m/{host}.prom", 2, "/m/a_b-6e8b8acc.prom"),
    ],
)
def test_each_host_of_a_run_has_its_own_file(text, hosts, path):
    assert path_of_host(place("a b", hosts), text) == path.replace("a_b-6e8b8acc", place("a b")["host_stem"])


@pytest.mark.parametrize(
    ("role", "values", "endings"),
    [
        (CLEANUP, {"report_dir": "r"}, ["json", "md", "html", "xml"]),
        (RETENTION, {"report_dir": "r"}, ["json", "md"]),
        (REPORT, {"dir": "r", "formats": ["csv"]}, ["csv"]),
    ],
)
def test_a_report_has_a_file_of_each_format(role, values, endings):
    settings = {**place(), "given": values, "check_mode": False}
    assert list(files_of(role, settings)["files"].values()) == [f"/plays/r/h.{ending}" for ending in endings]
    assert files_of(role, {**settings, "check_mode": True}) == {"folder": None, "files": None}


def test_the_logs_of_a_host_have_a_folder_of_their_own():
    settings = {**place(), "given": {"archive_dir": "logs"}, "check_mode": True}
    assert files_of(CLEANUP, settings)["archive"] == "/plays/logs/h/"
