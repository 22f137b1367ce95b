# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User errors: each ends with one or two sentences that say what to do, without a traceback and without the key.

Proves rules 1, 2, 10, 11, 13, 15 and 18, as users meet them, at -vvv.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from plays import Ansible, Played, Result, info, terminate

CANARY = "Canary-5b1e07d94c2fa683"
CASES: dict[str, tuple[dict[str, Any], str]] = {
    # options → words of the message: what happened, and what to do
    "no address": ({"url": ""}, r"Neither account nor url is set.*AIMMS_ACCOUNT.*AIMMS_URL"),
    "empty key": ({"api_key": ""}, r"No API key: set the option api_key or .*AIMMS_API_KEY"),
    "key with a line end": ({"api_key": CANARY + "\n"}, r"api_key: .*white space.*Copy the key again"),
    "key with an umlaut": ({"api_key": CANARY + "\u00e4"}, r"api_key: .*non-ASCII"),
    "wrong key": ({"api_key": CANARY}, r"answered 401.*(wrong|expired).*another account.*create a new one"),
    "key without scope": ({"api_key": "{{ tasks_key }}"}, r"answered 403.*lacks the Session scope"),
    "dead host": ({"url": "http://127.0.0.1:{{ dead_port }}"}, r"refused the connection.*Check account and url"),
    "unknown host": ({"url": "https://nobody.invalid"}, r"nobody\.invalid is not known.*Check account and url"),
    "account with a domain": ({"url": "", "account": "acme.aimms.cloud"}, r"account: .*Give only the part before"),
    "untrusted certificate": ({"url": "{{ tls_url }}"}, r"TLS to 127\.0\.0\.1:\d+ failed: .*certificate.*ca_path"),
    "plain text to a public host": ({"url": "http://acme.example"}, r"http:// to acme\.example.*Use https://"),
    "password in the address": ({"url": "https://me:secret@host.example"}, r"url: .*password.*refused"),
    "address without a scheme": ({"url": "acme.example"}, r"url: .*Use https://host"),
    "wrong prefix": ({"url": "{{ url }}/elsewhere"}, r"answered 404.*Check account|check account"),
    "missing certificate file": ({"ca_path": "/nowhere/ca.pem"}, r"ca_path: there is no file"),
    "unknown kind": ({"kinds": ["desktop"]}, r"kinds.*webui, task, solve.*desktop"),
    "unknown state": ({"states": ["sleeping"]}, r"states: 'sleeping' is not a state.*Known are .*running"),
    "unknown generation": ({"api_generation": "next"}, r"api_generation.*auto, legacy, current.*next"),
    "wrong generation": ({"api_generation": "legacy"}, r"api_generation is legacy, but .*current.*Leave .*auto"),
    "unknown option": ({"older": "8h"}, r"Unsupported parameters.*older"),
    "duration without a unit": ({"older_than": 8}, r"older_than: '8' has no unit.*8h"),
    "duration in words": ({"newer_than": "a day"}, r"newer_than: 'a day' is not a duration.*8h"),
    "id that climbs": ({"session_ids": ["../x"], "kinds": ["webui"]}, r"'\.\./x' cannot be a session id"),
    "unknown zone": ({"naive_timezone": "Mars/Base"}, r"naive_timezone: 'Mars/Base'.*Europe/Amsterdam"),
    "unknown server filter": ({"server_filters": {"colour": "red"}}, r"no filter 'colour'.*It names .*state"),
    "timeout of zero": ({"timeout": 0}, r"timeout: must be at least 1"),
    "timeout in words": ({"timeout": "soon"}, r"timeout"),
}
DEFAULTS = "{'url': url, 'api_key': acme_api_key, 'retries': 0}"
LOOKUP = "{{ query('aimms.cloud.aimms_session', **(" + DEFAULTS + " | combine(options))) }}"
LOOKUP_SAYS = {  # messages of Ansible itself
    "empty key": r"No API key: set the option api_key",
    "unknown kind": r"desktop",
    "unknown generation": r"api_generation.*next",
    "unknown option": r"older",
}
NO_KEY = r"No API key: set the option api_key or the environment variable AIMMS_API_KEY"


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A healthy service."""
    return shared_serve(sessions=10)


@pytest.fixture(scope="module")
def tls_server(shared_serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with a certificate that is not trusted."""
    folder = tmp_path_factory.mktemp("tls")
    made = trustme.CA().issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(str(folder / "key.pem"))
    for blob in made.cert_chain_pems:
        blob.write_to_path(str(folder / "cert.pem"), append=True)
    return shared_serve(generation="current", tls_cert=folder / "cert.pem", tls_key=folder / "key.pem")


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any, tls_server: Any) -> Played:
    """Every user error with the module and the lookup, in one play with -vvv."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead_port = listener.getsockname()[1]
    tasks = [info(f"module {name}", **options) for name, (options, _text) in CASES.items()]
    for name, (options, _text) in CASES.items():
        debug = {"ansible.builtin.debug": {"msg": LOOKUP}, "vars": {"options": options}}
        tasks.append({"name": f"lookup {name}", **debug})
    variables = {"tasks_key": server.tasks_key, "dead_port": dead_port, "tls_url": tls_server.url}
    return shared_ansible.play(*tasks, server=server, defaults={"retries": 0}, verbose=3, **variables)


def check(result: Result, text: str, longest: int = 500) -> None:
    """The message has the expected words in one or two sentences. The result has no traceback and no key."""
    message = result["msg"]
    assert result["failed"], message
    assert re.search(text, message), message
    names = r"(It names|Supported parameters include:) .*"  # how many there are is up to the server, and to Ansible
    assert len(re.sub(names, "", message)) < longest
    assert "Traceback" not in str(result)
    assert CANARY not in str(result)


@pytest.mark.parametrize("name", CASES)
def test_module_says_what_to_do(name: str, played: Played) -> None:
    check(played[f"module {name}"], CASES[name][1])
    assert "\n" not in played[f"module {name}"]["msg"]


@pytest.mark.parametrize("name", CASES)
def test_lookup_says_what_to_do(name: str, played: Played) -> None:
    check(played[f"lookup {name}"], LOOKUP_SAYS.get(name, CASES[name][1]), longest=900)


def test_no_output_has_a_traceback_or_a_key(played: Played, server: Any) -> None:
    assert "Traceback" not in played.output
    for key in (CANARY, server.admin_key, server.tasks_key):
        assert key not in played.output


def test_no_wrong_turn_changed_anything(played: Played, server: Any) -> None:
    assert server.changes() == []
    assert not any(result.get("changed") for result in played)


def test_id_that_climbs_is_never_sent(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current", sessions=3)
    bad = [
        "../x",
        "..",
        ".",
        "a/b",
        "a%2Fb",
        "%2e%2e",
        "a b",
        "-a",
        "a?b",
        "a\\b",
        "a\nb",
        "\u00e9",
        "a" * 129,
        "a\n",
        "",
    ]
    tasks = [terminate("all", session_ids=bad, kinds=["webui"]), info("all", session_ids=bad)]
    record = {"kind": "webui", "app_name": "a", "owner": "b", "created_at": None}
    tasks.append(terminate("record", sessions=[{**record, "id": "../x"}]))
    for number, session_id in enumerate(bad[:6]):
        debug = {"msg": LOOKUP}
        tasks.append(
            {
                "name": f"lookup {number}",
                "ansible.builtin.debug": debug,
                "vars": {"options": {"session_ids": [session_id]}},
            }
        )
    played = ansible.play(*tasks, server=server)
    assert all(result["failed"] for result in played)
    assert server.requests() == []


def test_no_key_at_all(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    lookup = {
        "name": "lookup",
        "ansible.builtin.debug": {"msg": "{{ query('aimms.cloud.aimms_session', url=address) }}"},
    }
    tasks = [info(url=server.url), terminate(url=server.url, older_than="1d"), lookup]
    played = ansible.play(*tasks, verbose=3, address=server.url)
    assert len(played) == 3
    for result in played:
        check(result, NO_KEY)
    assert server.requests() == []
    assert "Traceback" not in played.output


def test_requests_is_missing_on_the_target(ansible: Ansible, serve: Any, tmp_path: Path) -> None:
    server = serve(generation="current")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    played = ansible.play(info(), terminate(older_than="1d"), server=server, ansible_python_interpreter=python)
    assert len(played) == 2
    for result in played:
        check({**result, "exception": ""}, rf"Failed to import the required Python library \(requests\) on .*{python}")
    assert "Traceback" not in played.output
    assert server.requests() == []


def test_requests_is_missing_on_the_controller(ansible: Ansible, serve: Any, tmp_path: Path) -> None:
    server = serve(generation="current")
    (tmp_path / "requests.py").write_text("raise ImportError('requests')\n")
    options: dict[str, Any] = {"ansible.builtin.debug": {"msg": LOOKUP}, "vars": {"options": {}}}
    played = ansible.play({"name": "lookup", **options}, server=server, environment={"PYTHONPATH": str(tmp_path)})
    check(played["lookup"], "Python library requests is missing on the controller: install it")
    assert "Traceback" not in played.output
