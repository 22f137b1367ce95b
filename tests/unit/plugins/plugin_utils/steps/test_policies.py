# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of a role: read from a variable or a file, never taken for 'all', the schema, and what is told of them."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.policy_options import policies_from
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import OMITTED
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.policies import (
    check_plan,
    figures_of,
    interrupted_first,
    notices_of,
    policy_lines,
    rules_in,
    seats_of,
    with_rules,
)

ROOT = Path(__file__).absolute().parents[5]
FOLDER = ROOT / "extensions/policies"
ROLE = "stale_session_cleanup"
SPEC = yaml.safe_load((ROOT / f"roles/{ROLE}/meta/argument_specs.yml").read_text(encoding="utf-8"))
OPTIONS = SPEC["argument_specs"]["main"]["options"]
DEFAULTS = {name[len(ROLE) + 1 :]: entry.get("default") for name, entry in OPTIONS.items()}
RULE = {"name": "old", "older_than": "8h", "max_sessions": 3}


def read(given=OMITTED, file=OMITTED, *, in_awx=False, files=None, **values):
    settings = {"given": {**DEFAULTS, **values}, "in_awx": in_awx, "base": "/play"}
    found = dict(files or {})
    return rules_in(
        ROLE,
        settings,
        {"policies": given, "policies_file": file},
        OPTIONS,
        lambda path: (found.get(path), "" if path in found else "no such file"),
    )


@pytest.mark.parametrize(
    "given",
    [
        [RULE],
        (RULE,),
        {"policies": [RULE]},
        json.dumps([RULE]),
        json.dumps({"policies": [RULE]}),
        "[{name: old, older_than: 8h, max_sessions: 3}]",
        str([RULE]),
    ],
)
def test_rules_are_read_in_every_form(given):
    assert read(given) == [RULE]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([RULE]),
        "---\n# A comment.\npolicies:\n  - {name: old, older_than: 8h, max_sessions: 3}\n",
        "- name: old\n  older_than: 8h\n  max_sessions: 3\n",
    ],
)
def test_rules_come_from_a_file(text):
    assert read(file="rules.yml", files={"/play/rules.yml": text}) == [RULE]


def test_without_rules_there_are_none_and_in_awx_an_unanswered_question_is_none():
    assert read() is None
    for blank in ("", " ", None):
        assert read(blank, blank, in_awx=True) is None


@pytest.mark.parametrize("blank", ["", " \n", None])
@pytest.mark.parametrize("name", ["given", "file"])
def test_what_came_out_empty_is_refused(blank, name):
    with pytest.raises(OptionError, match="it is empty, so the rules never came"):
        read(**{name: blank})


@pytest.mark.parametrize("empty", [[], "[]", {"policies": []}, ()])
@pytest.mark.parametrize("in_awx", [True, False])
def test_an_empty_list_never_means_all(empty, in_awx):
    with pytest.raises(OptionError, match="an empty list of rules is refused"):
        read(empty, in_awx=in_awx)


@pytest.mark.parametrize(
    "odd",
    [
        "all",
        3,
        {"polices": [RULE]},
        {"policies": RULE},
        [RULE, "x"],
        {"policies": None},
        "{x",
        {"policies": [RULE], "protect_owners": ["a"]},
    ],
)
def test_what_is_no_list_of_rules_is_refused(odd):
    with pytest.raises(OptionError, match=f"{ROLE}_policies: .* is no list of rules"):
        read(odd)


def test_rules_that_multiply_by_aliases_are_refused_at_once():
    levels = "\n".join(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))
    with pytest.raises(OptionError, match="neither YAML nor JSON"):
        read(file="p.yml", files={"/play/p.yml": f"- &a0 {{name: a}}\n{levels}\n"})


def test_rules_may_share_a_list_by_an_alias():
    text = "- {name: a, apps: &apps [x, y], older_than: 8h}\n- {name: b, apps: *apps, older_than: 2d}\n"
    assert [one["apps"] for one in read(file="p.yml", files={"/play/p.yml": text})] == [["x", "y"]] * 2


TWICE = [
    "[{'name': 'a', 'apps': None, 'apps': ('x',)}]",
    "{'policies': [{'name': 'a', 'apps': None, 'apps': ('x',)}]}",
    '[\n\t{"name": "a", "apps": ["x"],\t"apps": ["y"]}]',
    "- {name: a, apps: [x], apps: [y]}",
    '[{"name": "a", "apps": ["x"], "apps": ["y"]}]',
    "policies: []\npolicies: []\n",
]


@pytest.mark.parametrize("text", TWICE)
def test_a_word_that_stands_twice_is_refused_as_one_of_both_would_be_lost(text):
    with pytest.raises(OptionError, match="stands twice in a mapping"):
        read(file="p.yml", files={"/play/p.yml": text})
    if text.startswith("["):
        with pytest.raises(OptionError, match="'apps' stands twice in a mapping"):
            read(text)


@pytest.mark.parametrize(
    ("policy", "rules", "refused"),
    [
        ("old", [RULE], ""),
        ("old", [{**RULE, "name": " old "}, {"name": "x"}], ""),
        (None, None, ""),
        ("old", None, f"{ROLE}_plan: it was made with policies, which are not given here. Give {ROLE}_policies or"),
        ("old", [{**RULE, "name": "new"}], f"{ROLE}_plan: s1 has the policy 'old', which is not given here."),
        ("old", [{**RULE, "action": "keep"}], "the policy 'old', which is not given here."),
        (None, [RULE], f"{ROLE}_plan: s1 has no policy. Give {ROLE}_policies or {ROLE}_policies_file as for the plan"),
    ],
)
def test_a_plan_is_followed_only_with_the_rules_it_was_made_with(policy, rules, refused):
    records = [{"id": "s1", "policy": policy}] if policy or rules else [{"id": "s1"}]
    with pytest.raises(OptionError, match=re.escape(refused)) if refused else nullcontext():
        check_plan(ROLE, records, rules)


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(OptionError, match=f"{ROLE}_policies_file: /play/none.yml cannot be read: no such file"):
        read(file="none.yml")
    with pytest.raises(OptionError, match=r"/play/odd\.yml is neither YAML nor JSON"):
        read(file="odd.yml", files={"/play/odd.yml": "- [a"})
    with pytest.raises(OptionError, match="has several documents"):
        read(file="two.yml", files={"/play/two.yml": f"- {RULE}\n---\n- {RULE}\n"})
    with pytest.raises(OptionError, match="do not go together"):
        read([RULE], "rules.yml", files={"/play/rules.yml": "[]"})


@pytest.mark.parametrize(
    "beside",
    [
        {"older_than": "8h"},
        {"kinds": ["webui"]},
        {"owners": ["a"]},
        {"apps": ["a"]},
        {"app_versions": ["1"]},
        {"keep_versions": 1},
        {"quiet_for": "1h"},
        {"max_active": 1},
        {"max_seats": 1},
    ],
)
def test_what_selects_goes_into_the_rules(beside):
    (name,) = beside
    with pytest.raises(OptionError, match=f"{ROLE}_{name}: not beside {ROLE}_policies"):
        read([RULE], **beside)
    assert read(**beside) is None


def test_a_rule_may_have_a_notice_of_its_own():
    rules = [{**RULE, "notice": "2d"}, {"name": "b", "apps": ["B"]}, {"name": "c", "apps": ["C"], "action": "keep"}]
    assert read(rules) == rules
    assert notices_of(rules, None) == ("2d", {"old": 2 * 86400, "b": None})
    assert notices_of(rules, "1h") == ("2d", {"old": 2 * 86400, "b": 3600})
    assert notices_of(rules[1:], None) == (None, {"b": None})
    selection, limits = with_rules({"given": DEFAULTS, "limits": {}}, rules)
    assert not [one for one in (*selection["policies"], *limits["policies"]) if "notice" in one]


@pytest.mark.parametrize(
    "rule", [{"notice": "0s"}, {"notice": "soon"}, {"notice": 5}, {"notice": "1h", "action": "keep"}]
)
def test_a_notice_that_is_none_is_refused(rule):
    with pytest.raises(OptionError, match="notice"):
        read([{**RULE, **rule}])


def test_limits_of_rules_hold_for_the_whole_plan_only():
    given = {**DEFAULTS, "protect_owners": ["boss@*"]}
    limits = {"max_sessions": 50, "max_percent": 50, "sessions": [{"id": "a"}], "max_active": 3}
    selection, whole = with_rules({"given": given, "limits": limits}, [RULE])
    assert selection["policies"] == [{"name": "old", "older_than": "8h"}]
    assert (selection["protect_owners"], selection["interrupt_tasks"]) == (["boss@*"], "solve")
    assert not set(selection) & {"older_than", "kinds", "owners"}
    assert whole == {"max_sessions": 50, "max_percent": 50, "sessions": [{"id": "a"}], "policies": [RULE]}


SEATS = {"people": [{"sessions": ["a"]}, {"sessions": ["b"]}]}


def test_each_rule_is_told_with_its_figures():
    rules = [
        {"name": "never", "action": "keep", "notes": []},
        {
            "name": "old",
            "action": "end",
            "notes": ["It matches no session."],
            "seats": {"freed": 0, "people": [{"sessions": ["a"]}, {"sessions": ["b"]}]},
        },
    ]
    result = {
        "planned": [{"policy": "old"}, {"policy": "old"}],
        "terminated": [{"policy": "old"}],
        "failed": [{"policy": "old"}],
        "skipped": [],
        "kept": [{"id": "p", "policy": "never"}, {"id": "b", "policy": None, "msg": "Few enough."}],
    }
    figures = figures_of({"policies": rules}, result, [{"id": "a", "result": "terminated"}])
    assert [one["result"] for one in figures[1]["seats"]["people"]] == ["freed", "kept"]
    assert figures[1]["seats"]["freed"] == 1
    assert [(one["planned"], one["terminated"], one["failed"], one["kept"]) for one in figures] == [
        (0, 0, 0, 1),
        (2, 1, 1, 0),
    ]
    assert policy_lines(figures) == [
        "policy never: 1 kept",
        "policy old: 2 to be ended",
        "  It matches no session.",
    ]
    assert seats_of({"policies": rules}) == SEATS
    assert seats_of({}) is None
    assert figures_of({}, result, []) == []


# The schema


def schema():
    return json.loads((FOLDER / "policies.schema.json").read_text(encoding="utf-8"))


def test_the_schema_says_of_each_part_of_a_rule_what_the_module_takes():
    rule = schema()["$defs"]["policy"]
    assert (rule["additionalProperties"], rule["required"]) == (False, ["name"])
    kinds = {"str": "string", "int": "integer", "bool": "boolean", "list": "array"}
    told = {
        name: (part["type"], part.get("enum") or part.get("items", {}).get("enum"), part.get("default"))
        for name, part in rule["properties"].items()
    }
    assert told.pop("notice") == ("string", None, None)  # of the role: a module announces nothing
    assert list(told) == list(POLICY)
    assert told == {
        name: (kinds[entry["type"]], entry.get("choices"), entry.get("default")) for name, entry in POLICY.items()
    }
    assert schema()["oneOf"][0]["minItems"] == 1


@pytest.mark.parametrize(
    ("between", "fits"), [("22:00-06:00", True), ("22:00 - 06:00", True), ("24:00-06:00", False), ("22-6", False)]
)
def test_the_schema_takes_the_parts_of_a_day_that_the_module_takes(between, fits):
    pattern = schema()["$defs"]["policy"]["properties"]["between"]["pattern"]
    assert bool(re.search(pattern, between)) is fits


def test_the_shipped_rules_are_those_of_the_schema_and_can_be_meant():
    text = (FOLDER / "policies.yml").read_text(encoding="utf-8")
    rules = read(file="p.yml", files={"/play/p.yml": text})
    properties = schema()["$defs"]["policy"]["properties"]
    for rule in rules:
        assert set(rule) <= set(properties)
    whole = [{**dict.fromkeys(POLICY), "action": "end", **rule} for rule in rules]
    options = {"policies": whole, "grace_period": "60s", "age_from": "created", "task_activity": "auto"}
    assert len(policies_from(options, ("older_than", "apps"))) == len(rules) == 4


@pytest.mark.parametrize(
    ("common", "rules", "ways"),
    [
        ("solve", None, {"solve": 2}),
        ("never", None, {}),
        ("solve", {" a ": "never"}, {"solve": 1}),
        ("never", {"a": "execution"}, {"execution": 1}),
        ("solve", {"a": "execution", "b": None}, {"execution": 1, "solve": 1}),
        ("solve", {"a": "never", "b": "never"}, {}),
    ],
)
def test_what_is_interrupted_first_is_told_as_the_rule_of_each_session_says(common, rules, ways):
    told = {} if rules is None else {"policies": [{"name": one, "interrupt_tasks": rules[one]} for one in rules]}
    planned = [{"kind": kind, "policy": name} for kind, name in (("task", "a"), ("solve", "b"), ("webui", "a"))]
    assert interrupted_first({"selection": told, "given": {"interrupt_tasks": common}}, planned) == ways
