# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stale sessions of a cleanup as a JUnit report, which CI systems show as tests. Pure.

Each stale session is a test case: a failure while it is there, passed once it has ended, skipped where it was kept.
An error is only what kept the run from finding the stale sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from ansible_collections.aimms.cloud.plugins.plugin_utils import labels

Record = Mapping[str, Any]

_PARTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_LONGEST = 2000


def junit_report(settings: Record, found: Record, stale_kept: Iterable[Record], written_at: str) -> str:
    """The report of a plan, or of what was done.

    :param found: what ``role_outcomes.gathered`` made. :param stale_kept: the kept sessions that are stale.
    """
    result = found["result"]
    cases = {_key(one): _case(one, "failure", _finding(settings, one)) for one in result["planned"]}
    for one in result["terminated"]:
        cases[_key(one)] = _case(one, "", "")
    for kept in (stale_kept, result["skipped"]):
        cases.update((_key(one), _case(one, "skipped", labels.result(one))) for one in kept)
    for one in result["failed"]:
        cases[_key(one)] = _case(one, "failure", f"{_finding(settings, one)} {labels.result(one)}")
    listed = list(cases.values())
    if found["refused"] and settings["changes"]:
        listed.insert(0, _of_account(settings, "limits", "failure", found["refused"]))
    return _text(settings, listed or [_of_account(settings, "stale sessions", "", "")], written_at)


def junit_error(settings: Record, problem: str, written_at: str) -> str:
    """The report of a run that could not find the stale sessions."""
    return _text(settings, [_of_account(settings, "stale sessions", "error", problem)], written_at)


def _key(session: Record) -> tuple[Any, Any]:
    return session["kind"], session["id"]


def _case(session: Record, part: str, message: str) -> dict[str, str]:
    """A test case of a session: by app and owner, with the kind and the id as its name."""
    # Some CI systems take what is behind the last dot for the class, and what is before it for its package.
    app, owner = (labels.clean(session.get(name), labels.MAX_NAME) for name in ("app_name", "owner"))
    name = f"{labels.clean(session['kind'], 20)} {labels.clean(session['id'], labels.MAX_NAME)}"
    class_name = ".".join(text.replace(".", "_") for text in (app, owner))
    return {"class": class_name, "name": name, "part": part, "message": message}


def _of_account(settings: Record, name: str, part: str, message: str) -> dict[str, str]:
    return {"class": _account(settings).replace(".", "_"), "name": name, "part": part, "message": message}


def _account(settings: Record) -> str:
    return labels.clean(settings["account"] or settings["host"])


def _finding(settings: Record, session: Record) -> str:
    """Who has the session, and since when."""
    owner, app, version = (session.get(name) for name in ("owner", "app_name", "app_version"))
    app = f"{labels.clean(app)} {labels.clean(version) if version else ''}".strip()
    rule = f" by the policy {labels.clean(session['policy'], 64)}" if session.get("policy") else ""
    began = (
        f"It was created {labels.utc_time(session.get('created_at'))}, {labels.age(session.get('age_seconds'))} ago."
    )
    return f"Stale: {app} of {labels.clean(owner)}. {began} It is planned to be ended{rule}."


def _text(settings: Record, cases: Sequence[Record], written_at: str) -> str:
    counts = {name: str(sum(one["part"] == part for one in cases)) for part, name in _PARTS.items()}
    counts = {"tests": str(len(cases)), **counts}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": f"Stale sessions of {_account(settings)}", **counts, "timestamp": written_at[:19]}
    )
    for one in cases:
        case = ElementTree.SubElement(suite, "testcase", {"classname": one["class"], "name": one["name"], "time": "0"})
        if one["part"]:
            message = labels.clean(_without_paths(settings, one["message"]), _LONGEST)
            told = ElementTree.SubElement(case, one["part"], {"message": message})
            if one["part"] != "skipped":
                told.set("type", "stale" if one["part"] == "failure" else "error")
                told.text = message
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _without_paths(settings: Record, text: str) -> str:
    """The text without the folders of this machine: of its files only the names are of use elsewhere."""
    folders = [str(settings.get(name) or "").rstrip("/") for name in ("archive", "folder", "base")]
    for folder in sorted(filter(None, folders), key=len, reverse=True):
        text = text.replace(f"{folder}/", "")
    return text
