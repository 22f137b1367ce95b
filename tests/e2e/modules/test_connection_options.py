# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of connection options and their precedence. No documented way to give the key shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plays import GROUP, Ansible, Played, info, template, terminate

LOOKUP = "query('aimms.cloud.aimms_session') | length"
NAMES = "account url api_key validate_certs ca_path timeout retries max_time api_generation page_size".split()
EMPTY = {f"AIMMS_{name.upper()}": "" for name in NAMES}


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A service with one session."""
    server = shared_serve(generation="current")
    server.add_session(id="a1", age=7200)
    return server


def environment(server: Any, **more: str) -> dict[str, str]:
    """Address and key, and more, as environment variables."""
    return {"AIMMS_URL": server.url, "AIMMS_API_KEY": server.admin_key, **more}


def counted(played: Played) -> list[Any]:
    """The number of sessions that each task returned."""
    assert played.code == 0, played.output
    return [int(result["count"]) if "count" in result else int(result["msg"]) for result in played]


def test_environment_alone_is_enough(ansible: Ansible, server: Any) -> None:
    played = ansible.play(info(), template(LOOKUP), environment=environment(server), verbose=3)
    assert counted(played) == [1, 1]
    assert server.admin_key not in played.output


def test_empty_variables_count_as_not_set(ansible: Ansible, server: Any) -> None:
    options = dict.fromkeys(NAMES, "")
    played = ansible.play(
        info(),
        info("empty options", **options),
        template(LOOKUP),
        template(LOOKUP.replace("')", "', **options)"), "empty options of the lookup"),
        server=server,
        environment=EMPTY,
        aimms_url=server.url,
        aimms_api_key=server.admin_key,
        aimms_account="",
        aimms_ca_path="",
        aimms_timeout="",
        aimms_validate_certs="",
        options=options,
    )
    by_environment = ansible.play(info("empty", **options), environment={**EMPTY, **environment(server)})
    assert played["info"]["count"] == 1
    assert played["empty options"]["failed"]
    assert "No API key" in played["empty options"]["msg"]
    assert int(played[2]["msg"]) == 1
    assert int(played[3]["msg"]) == 1
    assert counted(by_environment) == [1]


def test_options_win_over_the_environment(ansible: Ansible, server: Any) -> None:
    nowhere = {"AIMMS_URL": "https://nobody.invalid", "AIMMS_API_KEY": "wrong", "AIMMS_ACCOUNT": "nobody"}
    lookup = template("query('aimms.cloud.aimms_session', url=url, api_key=acme_api_key) | length")
    played = ansible.play(info(), lookup, server=server, environment=nowhere)
    assert counted(played) == [1, 1]


def test_address_in_the_environment_never_stands_in_for_what_is_given(
    ansible: Ansible, server: Any, serve: Any
) -> None:
    """Another account would be changed, and the key would go there."""
    elsewhere = serve(generation="current", sessions=3)
    around = {"AIMMS_URL": elsewhere.url, "AIMMS_ACCOUNT": "elsewhere", "HTTPS_PROXY": "http://127.0.0.1:1"}
    options = {"api_key": server.admin_key, "retries": 0}
    role = {"name": "role", "ansible.builtin.include_role": {"name": "aimms.cloud.session_report"}}
    by_name = ansible.play(
        info("module", account="acme-test", url="", **options),
        terminate("terminate", account="acme-test", older_than="1h", **options),
        template("query('aimms.cloud.aimms_session', account='acme-test', url='', retries=0)", "keyword"),
        template("query('aimms.cloud.aimms_session', retries=0)", "variable"),
        role,
        environment=around,
        aimms_account="acme-test",
        aimms_api_key=server.admin_key,
        aimms_retries=0,
        session_report_dir="reports",
    )
    told = [row["task"] for row in by_name.rows if "acme-test.aimms.cloud" in str(row["result"].get("msg"))]
    assert told[:4] == ["module", "terminate", "keyword", "variable"], by_name.output
    assert told[4:], by_name.output
    by_url = ansible.play(
        info(url=server.url, **options),
        template(LOOKUP),
        environment=around,
        aimms_url=server.url,
        aimms_api_key=server.admin_key,
    )
    assert counted(by_url) == [1, 1]
    assert elsewhere.requests() == []


def test_every_number_and_switch_is_read_from_the_environment(ansible: Ansible, server: Any) -> None:
    for name, value, said in (
        ("AIMMS_TIMEOUT", "0", "timeout: must be at least 1"),
        ("AIMMS_CA_PATH", "/nowhere", "ca_path: there is no file"),
        ("AIMMS_API_GENERATION", "legacy", "api_generation is legacy"),
        ("AIMMS_PAGE_SIZE", "0", "page_size: must be at least 1"),
    ):
        played = ansible.play(info(), template(LOOKUP), environment=environment(server, **{name: value}))
        assert [said in result["msg"] for result in played] == [True, True], played.output


def test_account_gives_the_address(ansible: Ansible) -> None:
    dead_end = {"HTTPS_PROXY": "http://127.0.0.1:1"}  # so that nothing leaves this machine
    played = ansible.play(info(account="Acme-Test", api_key="k" * 20, retries=0), environment=dead_end)
    assert played["info"]["failed"]
    assert "the proxy on the way to acme-test.aimms.cloud failed" in played["info"]["msg"]


def test_group_of_module_defaults_reaches_every_module(ansible: Ansible, server: Any) -> None:
    tasks = [info(), {**terminate("terminate", older_than="1h"), "check_mode": True}]
    settings = {"url": server.url, "api_key": "{{ secret }}"}
    plays = [{"hosts": "all", "gather_facts": False, "module_defaults": {GROUP: settings}, "tasks": tasks}]
    played = ansible.run(plays, hosts={"localhost": {}}, secret=server.admin_key, verbose=3)
    assert played.code == 0
    assert played["terminate"]["sessions"][0]["result"] == "would_terminate"
    assert server.admin_key not in played.output


def test_lookup_reads_the_ini_file_and_variables_of_the_host(ansible: Ansible, server: Any, tmp_path: Path) -> None:
    settings = tmp_path / "own.cfg"
    settings.write_text(f"[aimms_cloud]\nurl = {server.url}\nretries = 0\n", encoding="utf-8")
    ini = {"ANSIBLE_CONFIG": str(settings)}
    played = ansible.play(template(LOOKUP), environment=ini, aimms_api_key=server.admin_key)
    assert counted(played) == [1]
    hosts = {"one": {"aimms_url": server.url}, "two": {"aimms_url": "http://127.0.0.1:1", "aimms_retries": 0}}
    plays = [{"hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": [template(LOOKUP)]}]
    played = ansible.run(plays, hosts=hosts, aimms_api_key=server.admin_key)
    assert int(played.on("one")[0]["msg"]) == 1
    assert played.on("two")[0]["failed"]


@pytest.mark.parametrize("way", ["option", "variable", "environment", "settings"])
def test_switch_of_the_lookup_that_is_neither_on_nor_off_is_refused(
    way: str, ansible: Ansible, server: Any, tmp_path: Path
) -> None:
    """Ansible would read it as false and so accept any certificate."""
    settings = tmp_path / "own.cfg"
    settings.write_text("[aimms_cloud]\nvalidate_certs = ture\n", encoding="utf-8")
    more = {"environment": {"AIMMS_VALIDATE_CERTS": "ture"}, "settings": {"ANSIBLE_CONFIG": str(settings)}}.get(way, {})
    lookup = template(LOOKUP.replace("')", "', validate_certs='ture')") if way == "option" else LOOKUP)
    variables = {"aimms_validate_certs": "ture"} if way == "variable" else {}
    played = ansible.play(lookup, environment=environment(server, **more), **variables)
    assert played["template"]["failed"]
    assert "'ture' is neither true nor false" in played["template"]["msg"]


def test_variables_of_the_lookup_may_refer_to_others(ansible: Ansible, server: Any) -> None:
    """A key in group_vars may refer to a vaulted variable. It is masked in errors too."""
    wrong = template(LOOKUP.replace("')", "', timeout=vaulted)"), "wrong")
    played = ansible.play(
        template(LOOKUP),
        wrong,
        aimms_url="{{ 'http' ~ '://127.0.0.1:' ~ port }}",
        aimms_api_key="{{ vaulted }}",
        vaulted=server.admin_key,
        port=server.url.rpartition(":")[2],
    )
    assert int(played["template"]["msg"]) == 1
    assert played["wrong"]["failed"]
    assert "timeout" in played["wrong"]["msg"]
    assert server.admin_key not in played.output


def test_key_may_be_read_by_another_lookup_in_the_template(ansible: Ansible, server: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(server.admin_key + "\n", encoding="utf-8")
    played = ansible.play(
        info(url=server.url, api_key="{{ lookup('file', key_file) | trim }}"), verbose=3, key_file=str(tmp_path / "key")
    )
    assert counted(played) == [1]
    assert server.admin_key not in played.output
