# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what extensions/monitoring asks Prometheus for: the expressions, with the metrics and labels that they name."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

import promql_parser
import yaml
from plays import ROOT

FOLDER = ROOT / "extensions/monitoring"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")
_VARIABLE = re.compile(r"label_values\((\w+), (\w+)\)")


def panels(dashboard: dict[str, Any] = DASHBOARD) -> list[dict[str, Any]]:
    """All panels but the headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> list[tuple[str, str]]:
    """Where each expression stands, and the expression, with all accounts for the variable of the dashboard."""
    found = [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
    shown = [(title, expression.replace("$account", ".*")) for title, expression in found]
    return shown + [(rule["alert"], rule["expr"]) for rule in RULES]


def named(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric of an expression, with the labels that are asked of it.

    :raises ValueError: for what is no PromQL.
    """
    yield from _named(promql_parser.parse(expression), frozenset())


def _named(node: Any, labels: frozenset[str]) -> Iterator[tuple[str, set[str]]]:
    if isinstance(node, promql_parser.VectorSelector):
        yield str(node.name), {*labels, *(one.name for one in node.matchers.matchers)}
    elif isinstance(node, promql_parser.MatrixSelector):
        yield from _named(node.vector_selector, labels)
    elif isinstance(node, promql_parser.BinaryExpr):
        for side in (node.lhs, node.rhs):
            yield from _named(side, labels)
    elif isinstance(node, promql_parser.AggregateExpr):
        kept = node.modifier.labels if node.modifier else ()
        yield from _named(node.expr, labels.union(kept))
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            yield from _named(argument, labels)
    elif isinstance(node, promql_parser.ParenExpr):
        yield from _named(node.expr, labels)


def variables() -> list[tuple[str, str]]:
    """The metric and the label of each variable of the dashboard that is asked of Prometheus."""
    asked = [one["query"]["query"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    return [(found[1], found[2]) for found in map(_VARIABLE.fullmatch, asked) if found]
