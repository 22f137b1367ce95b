"""Rule 14: no example, role or playbook passes the key in a way that Ansible shows in spite of `no_log`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"api_?key|AIMMS_API_KEY", re.IGNORECASE)
_LOOPS = ("loop", "loop_control")


_WRONG = [
    {"environment": {"AIMMS_API_KEY": "x"}},
    {"loop": ["{{ api_key }}"]},
    {"ansible.builtin.set_fact": {"aimms_api_key": "x"}},
    {"name": "With {{ aimms_api_key }}"},
]


class _Loader(yaml.SafeLoader):
    """Reads vaulted values as texts."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


def shown(collection: Path) -> tuple[int, list[str]]:
    """The number of texts, and the places in them that pass the key openly.

    :raises ValueError: if a known wrong example is not detected.
    """
    if len(list(openly(_WRONG))) != len(_WRONG):
        raise ValueError("what hands a key over openly is not noticed")
    texts = list(documents(collection))
    return len(texts), [f"{place}: {what}" for place, text in texts for what in openly(text)]


def documents(collection: Path) -> Iterator[tuple[str, Any]]:
    """All YAML texts that use the collection or show its use, with their places."""
    for folder in ("roles", "playbooks", "docs"):
        for path in sorted((collection / folder).rglob("*.yml")):
            yield str(path.relative_to(collection)), _load(path.read_text(encoding="utf-8"))
    for path in [*sorted(collection.glob("*.md")), *sorted((collection / "docs").rglob("*.md"))]:
        for number, block in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8"))):
            yield f"{path.name}, block {number + 1}", _load(block)
    for path in [*sorted((collection / "plugins/modules").glob("*.py")), *(collection / "plugins/lookup").glob("*.py")]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
                yield path.name, _load(ast.literal_eval(node.value))


def _load(text: str) -> Any:
    return list(yaml.load_all(text, Loader=_Loader))


def openly(document: Any) -> Iterator[str]:
    """The places in a document that pass the key openly."""
    if isinstance(document, list):
        for item in document:
            yield from openly(item)
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        word = str(name)
        if (word == "environment" or word in _LOOPS or word.startswith("with_")) and _KEY.search(json.dumps(value)):
            yield word
        if word.endswith("set_fact") and _KEY.search(json.dumps(value)):
            yield word
        if word == "name" and isinstance(value, str) and re.search(r"\{\{.*" + _KEY.pattern + r".*\}\}", value, re.I):
            yield "the name of a task"
        yield from openly(value)
