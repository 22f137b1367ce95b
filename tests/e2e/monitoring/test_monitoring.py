# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard and the alerts of extensions/monitoring ask only for what the role really writes."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cleanup_runs import CLEANUP, HOUR, add_stale, play
from monitoring import DASHBOARD, FOLDER, PROMTOOL, RULES, expressions, named, panels, variables
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.once

HERE = Path(__file__).resolve().parent
SCHEMA = json.loads((HERE / "dashboard.schema.json").read_text(encoding="utf-8"))
POLICIES = [{"name": "old", "older_than": "8h"}]
TELLS = {"gb_hour": "6.0", "run_time": "7200.00"}
needs_promtool = pytest.mark.skipif(not PROMTOOL, reason="promtool is not here: Debian's package prometheus has it")


@pytest.fixture(scope="module")
def texts(shared_serve: Any, collections: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Metrics files of real runs that together have all that the role can write."""
    folder = tmp_path_factory.mktemp("metrics")
    given: dict[str, dict[str, Any]] = {
        "plain": {"key_warning": "14d"},
        "ruled": {"policies": POLICIES},
        "seats": {"max_seats": 1},
        "noticed": {"notice": "24h", "notice_file": str(folder / "ledger.json")},
    }
    hosts = {}
    for name, own in given.items():
        account = shared_serve()
        account.add_session(count=8, age=HOUR)
        add_stale(account, 2, kind="webui", overrides=TELLS)
        account.set(keys={"second": None, "tasks": None, "session": None, "admin": {"days": 100}})
        hosts[name] = (account, own)
    always = {"apply": True, "max_percent": 100, "metrics_file": str(folder / "{host}.prom")}
    run = play(tmp_path_factory.mktemp("runner"), collections, hosts, CLEANUP, **always)
    assert [run.failure(name) for name in hosts] == [""] * len(hosts)
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.prom"))]


@pytest.fixture(scope="module")
def written(texts: list[str]) -> dict[str, set[str]]:
    """The labels of each metric that the role wrote."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            found.setdefault(family.name, set()).update(*(sample.labels for sample in family.samples))
    return found


def test_each_expression_is_promql_of_metrics_and_labels_that_are_written(written: dict[str, set[str]]) -> None:
    asked = [(place, *one) for place, expression in expressions() for one in named(expression)]
    assert len(asked) > 30
    assert [(place, name) for place, name, _labels in asked if name not in written] == []
    assert [(place, name, labels) for place, name, labels in asked if not labels <= written[name]] == []
    assert [(name, label) for name, label in variables() if label not in written[name]] == []
    assert len(variables()) == 1


def test_what_is_written_is_shown(written: dict[str, set[str]]) -> None:
    shown = {name for _place, expression in expressions() for name, _labels in named(expression)}
    beside = {"_gbhours_sessions", "_freed_seats"}  # of how many sessions a sum is; what the figure after it shows
    assert {name for name in written if not name.endswith(tuple(beside))} == shown


def test_a_wrong_expression_is_noticed() -> None:
    for text in ("sum by (", "rate(aimms_x)", "aimms_x and on account) aimms_y"):
        with pytest.raises(ValueError, match=r".+"):
            list(named(text))
    assert list(named('topk(3, sum by (name) (aimms_x{by="app"}))')) == [("aimms_x", {"name", "by"})]


def test_the_dashboard_is_one_by_grafanas_model() -> None:
    jsonschema.validate(DASHBOARD, SCHEMA)
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["datasource", "account"]
    for panel in panels():
        assert all("$account" in target["expr"] for target in panel["targets"]), panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("panels", 1, "gridPos", "x"), 24),
        (("panels", 1, "type"), "graph"),
        (("panels", 1, "targets", 0, "datasource", "uid"), "prometheus-1"),
        (("panels", 1, "targets", 0, "instant"), False),
        (("panels", 1, "fieldConfig", "defaults", "thresholds", "steps", 0, "value"), 1),
        (("panels", 1, "fieldConfig", "defaults", "unit"), "seconds"),
        (("templating", "list", 1, "query"), "label_values(x)"),
        (("id"), 7),
    ],
)
def test_the_schema_refuses_what_grafana_would_not_understand(where: Any, value: Any) -> None:
    altered = copy.deepcopy(DASHBOARD)
    *way, last = where if isinstance(where, tuple) else (where,)
    part: Any = altered
    for name in way:
        part = part[name]
    assert part[last] != value
    part[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(altered, SCHEMA)


def test_no_panel_covers_another() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)


def test_an_alert_says_what_is_wrong_and_where_to_look() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert "$labels.account" in rule["annotations"]["summary"]
    tested = (FOLDER / "alerts.test.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in RULES if f"alertname: {rule['alert']}\n" not in tested] == []


@needs_promtool
@pytest.mark.parametrize("words", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")])
def test_promtool_accepts_the_alerts_and_their_tests(words: tuple[str, ...]) -> None:
    made = subprocess.run([str(PROMTOOL), *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr


@needs_promtool
def test_promtool_accepts_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": one[1]} for number, one in enumerate(expressions())]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    command = [str(PROMTOOL), "check", "rules", "panels.yml"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr


@needs_promtool
def test_the_names_follow_prometheus_conventions(texts: list[str]) -> None:
    for text in texts:
        command = [str(PROMTOOL), "check", "metrics"]
        made = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
