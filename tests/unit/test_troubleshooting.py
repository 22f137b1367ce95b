# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headings of the troubleshooting page are the messages that the code has: none is missing, none is made up.

A message stands there as in the code, with … for what is filled in.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).absolute().parents[2]
PAGE = ROOT / "docs/docsite/rst/guide_troubleshooting.rst"
FILES = [path for folder in ("module_utils", "lookup") for path in sorted((ROOT / "plugins" / folder).rglob("*.py"))]
FILES += sorted((ROOT / "plugins/plugin_utils").glob("role_*.py")) + sorted((ROOT / "plugins/action").glob("*.py"))
FILES += sorted((ROOT / "plugins/plugin_utils").glob("*/*.py"))
_PLACES = ("roles/*/tasks", "playbooks", "playbooks/tasks", "extensions/awx/project")
TASKS = sorted(path for name in _PLACES for path in ROOT.glob(f"{name}/*.yml"))
FOREIGN = "What Ansible itself says"
"""The section whose headings are not the collection's messages."""

SPEAKING = {
    "protections.py": {"warnings"},
    "selection.py": {"tripped"},
    "remarks.py": {"remarks", "unknowns"},
    "rules/versions.py": {"outdated"},
    "rules/policies.py": {"notes", "_impossible"},
    "tasks/info.py": {"_remarks"},
    "keys/info.py": {"_candidates", "_alarms"},
    "logs/quiet.py": {"unread"},
    "module.py": {"_outcome"},
    "api/discovery.py": {"_without", "_remarks"},
    "lookup/aimms_hosts.py": {"_why_none"},
    "plugin_utils/role_outcomes.py": {"_failure"},
    "plugin_utils/guidance/near_misses.py": {"misspelt"},
    "plugin_utils/guidance/other_hosts.py": {"_left_out", "_of_environment"},
    "plugin_utils/steps/push.py": {"warning"},
    "plugin_utils/notices/run.py": {"announced", "check_store"},
    "changes/circuit_breaker.py": None,
    "changes/executor.py": None,
    "changes/reads.py": None,
    "changes/change.py": None,
    "api/canary.py": {"_stop"},
    "sessions/delete.py": None,
    "sessions/terminate.py": None,
    "tasks/interrupt.py": None,
    "tasks/runs.py": None,
    "api/task_activity.py": None,
    "changes/session_changes.py": None,
    "changes/task_changes.py": None,
}
"""Functions whose sentences are messages though no error is made of them there; None: all of the file."""

PARTS = {
    "its OpenAPI document could not be used now (…).",
    "Look at this session before anything else.",
    "the server answered …",
    "Nothing was sent.",
    "… Nothing was sent.",
    "It is no longer the same or no longer selected.",
    "… …: …",
    "task … of …",
    "An owner is user@ENVIRONMENT.",
}
"""Sentences that only stand within a message that has its own heading."""

ELSEWHERE = {
    "AimmsError(UNNUMBERED)",
    "AnsibleLookupError(_why_none(', '.join(patterns), limit, every, in_slice=_is_slice(known)))",
    "AimmsError(told)",
    "AnsibleLookupError(failure)",
    "AnswerError(text)",
    "HttpError(request)",
    "RefusedError(told)",
    "StoppedError(self.stopped)",
    "OptionError(text)",
    "StoppedError(str(error))",
    "OptionError(str(listed.get('msg') or 'The step gave no results.'))",
    "RefusedError(str(selection.get('msg') or 'The step gave no results.'))",
    "TransportError(str(error))",
    "UnsupportedError(str(refusal))",
    "warn(_of_tasks(text))",
    "warn(text)",
}
"""Where a message is only passed on: it is made in another place, and found there."""


def template(node, constants):
    """The text of an expression, with … for what is filled in; None when it is not written there."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return "".join("…" if text is None else text for text in (template(part, constants) for part in parts))
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("masked", "self.masked"):
        return template(node.args[0], constants)
    return None


def constants_of(tree):
    """The texts that a file gives names to."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = template(node.value, found)
            if text is not None:
                found[node.targets[0].id] = text
    return found


def error_classes(trees):
    """The names of the classes of errors."""
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    found = {"AimmsError"}
    while True:
        more = {name for name, node in classes.items() if found & {ast.unparse(base) for base in node.bases}} - found
        if not more:
            return found | {"AnsibleLookupError"}
        found |= more


TREES = {
    str(path.relative_to(ROOT / "plugins")).removeprefix("module_utils/"): ast.parse(path.read_text(encoding="utf-8"))
    for path in FILES
}
ERRORS = error_classes(TREES.values())


def called(call):
    return ast.unparse(call.func).rpartition(".")[2]


def raised(name):
    """What errors and warnings are made with: the message, or None, and how the code has it."""
    constants = constants_of(TREES[name])
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and node.args and called(node) in ERRORS | {"warn"}:
            yield template(node.args[0], constants), f"{called(node)}({ast.unparse(node.args[0])})"


def spoken(name, functions):
    """The sentences of some functions, or of the whole file, without documentation and what errors are made with."""
    tree, passed_over = TREES[name], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed_over |= {part for part in ast.walk(node) if part is not node}
        elif isinstance(node, ast.Expr):
            passed_over.add(node.value)
        elif isinstance(node, ast.Call) and called(node) in ERRORS | {"warn"}:
            passed_over |= {part for argument in node.args for part in ast.walk(argument)}
    roots = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in (functions or ())]
    assert {node.name for node in roots} == (functions or set()), f"{name}: a function of SPEAKING is gone"
    for node in (node for root in roots or [tree] for node in ast.walk(root)):
        if node not in passed_over and isinstance(node, (ast.Constant, ast.JoinedStr)):
            text = (template(node, constants_of(tree)) or "").strip()
            if re.search(r"\S\s.*[.…]$", text) and text not in PARTS:
                yield text


def diagnosed():
    """What happened on the way, of each return of the diagnosis."""
    constants = constants_of(TREES["http/failures.py"])
    for node in ast.walk(TREES["http/failures.py"]):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            yield template(node.value.elts[0], constants)


def statuses():
    """The statuses that have a hint of their own, and those of a service in trouble."""
    (hints,) = (
        node.value
        for node in TREES["errors.py"].body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HINTS"
    )
    return [f"… answered {key.value}" for key in hints.keys] + ["… answered 500, 502, 503 or 504"]


def tasks_of(entries):
    for entry in entries:
        yield entry
        for part in ("block", "rescue", "always", "tasks"):
            yield from tasks_of(entry.get(part, []))


def said_by_tasks():
    """The messages of fail and assert in roles and playbooks, with … for each expression; none that is passed on."""
    for path in TASKS:
        for task in tasks_of(yaml.safe_load(path.read_text(encoding="utf-8"))):
            text = task.get("ansible.builtin.fail", {}).get("msg") or task.get("ansible.builtin.assert", {}).get(
                "fail_msg"
            )
            if text:
                short = re.sub(r"\{\{.*?\}\}", "…", " ".join(text.split()))
                if short != "…":
                    yield short


def messages():
    found = {text.strip() for name in TREES for text, _code in raised(name) if text is not None}
    found |= {text for name, functions in SPEAKING.items() for text in spoken(name, functions)}
    return found | set(diagnosed()) | set(statuses()) | set(said_by_tasks())


def headings():
    """The headings of messages, by section."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    section, found = "", []
    for heading, line in zip(lines, lines[1:]):
        if heading and set(line) == {"-"}:
            section = heading
        elif heading and set(line) == {"~"}:
            found.append((section, heading.replace("\\", "")))
    return found


OWN = [heading for section, heading in headings() if section != FOREIGN]


def test_every_message_has_its_heading():
    missing = sorted(messages() - set(OWN))
    assert not missing, f"{PAGE.name} has no heading for: {missing}"


def test_every_heading_is_a_message():
    unknown = sorted(set(OWN) - messages())
    assert not unknown, f"{PAGE.name} has headings that the code does not say: {unknown}"


def test_no_heading_stands_twice_and_each_says_something():
    assert len(set(OWN)) == len(OWN) > 80
    text = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"\n~+\n+[^\n]+\n[-~]{5}", text)


def test_no_message_is_overlooked():
    unseen = {code for name in TREES for text, code in raised(name) if text is None}
    assert unseen == ELSEWHERE


@pytest.mark.parametrize(("code", "expected"), [("f'{x} is {1}.'", "… is …."), ("'a'", "a"), ("f(x)", None)])
def test_a_template_has_dots_for_what_is_filled_in(code, expected):
    assert template(ast.parse(code, mode="eval").body, {}) == expected
