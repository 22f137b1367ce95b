# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users can name: plugins, roles and playbooks with their options, choices and return values, as documented.

Nothing of the collection is imported, so any copy of its files can be read. As a script, ``public_interface.py 1.2.3``
writes what is there now into ``released/1.2.3.yml``; ``make release`` does that.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Optional

import yaml

ROOT = Path(__file__).absolute().parents[2]
RELEASED = "tests/unit/released"
PLUGINS = {
    "module": "plugins/modules",
    "lookup": "plugins/lookup",
    "filter": "plugins/filter",
    "event source": "extensions/eda/plugins/event_source",
}
"""Where documentation stands in Python files, by kind of plugin."""
PARTS = {"option": "options", "choice": "choices", "return value": "returns"}
"""The kinds of part that a plugin has, with their headings in a record."""
_HEADING = "# What release {} has. Written by `make release`; nothing else changes it.\n---\n"


@cache
def _loaded(text: str) -> Any:
    """The content of YAML; the same object for the same text, as doc fragments are read for each plugin again."""
    return yaml.safe_load(text)


@dataclass(frozen=True)
class Part:
    """A plugin, role or playbook itself, or one of its options, choices (``option=value``) or return values.

    ``owner``: such as ``module aimms_task_info``. ``name``: with dots for what is inside another. ``file``: the path,
    from the root, of what documents it. ``added``: its ``version_added``, empty when there is none.
    """

    owner: str
    kind: str
    name: str
    file: str
    added: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same part in two releases."""
        return self.owner, self.kind, self.name.replace(" ", "_")  # a record separates names by spaces


def read_interface(root: Path) -> list[Part]:
    """All parts of the collection in ``root``."""
    parts: list[Part] = []
    for kind, folder in PLUGINS.items():
        for path in sorted((root / folder).glob("*.py")):
            if kind == "module" and (root / "plugins/action" / path.name).exists():
                continue  # a step of the roles: not for users, and its own tests compare it with its documentation
            parts += _plugin(root, kind, path)
    for path in sorted((root / "roles").glob("*/meta/argument_specs.yml")):
        parts += _role(root, path)
    for path in sorted((root / "playbooks").glob("*.yml")):
        parts.append(Part(f"playbook {path.stem}", "playbook", path.stem, str(path.relative_to(root))))
    return parts


def _plugin(root: Path, kind: str, path: Path) -> Iterator[Part]:
    owner, file = f"{kind} {path.stem}", str(path.relative_to(root))
    texts = _texts(ast.parse(path.read_text(encoding="utf-8")).body)
    own = _loaded(texts["DOCUMENTATION"])
    yield Part(owner, kind, path.stem, file, str(own.get("version_added", "")))
    # as Ansible merges them: an entry of the plugin goes over the same option of a fragment
    merged: dict[str, dict[str, Any]] = {}
    sources = [*(_fragment(root, name) for name in own.get("extends_documentation_fragment", [])), (file, own)]
    for source, document in sources:
        for name, entry in (document.get("options") or {}).items():
            merged[name] = {"file": source, **merged.get(name, {}), **entry}
    yield from _options(owner, merged, file)
    yield from _returns(owner, _loaded(texts.get("RETURN", "{}")) or {}, file)


def _role(root: Path, path: Path) -> Iterator[Part]:
    owner, file = f"role {path.parts[-3]}", str(path.relative_to(root))
    for name, entry in _loaded(path.read_text(encoding="utf-8"))["argument_specs"].items():
        point = path.parts[-3] if name == "main" else f"{path.parts[-3]}:{name}"
        yield Part(owner, "role", point, file, str(entry.get("version_added", "")))
        yield from _options(owner, entry.get("options") or {}, file)


def _options(owner: str, options: Mapping[str, Any], file: str, inside: str = "") -> Iterator[Part]:
    for name, entry in options.items():
        path, source = f"{inside}{name}", entry.get("file", file)
        yield Part(owner, "option", path, source, str(entry.get("version_added", "")))
        for choice in entry.get("choices") or ():
            yield Part(owner, "choice", f"{path}={choice}", source)
        yield from _options(owner, entry.get("suboptions") or entry.get("options") or {}, source, f"{path}.")


def _returns(owner: str, values: Mapping[str, Any], file: str, inside: str = "") -> Iterator[Part]:
    for name, entry in values.items():
        path = f"{inside}{name}"
        yield Part(owner, "return value", path, file, str(entry.get("version_added", "")))
        yield from _returns(owner, entry.get("contains") or {}, file, f"{path}.")


def _fragment(root: Path, name: str) -> tuple[str, Mapping[str, Any]]:
    """File and content of a doc fragment such as ``aimms.cloud.bulk.pace``."""
    stem, part = [*name.split(".")[2:], "documentation"][:2]
    path = root / f"plugins/doc_fragments/{stem}.py"
    (made,) = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef))
    return str(path.relative_to(root)), _loaded(_texts(made.body)[part.upper()])


def _texts(body: list[ast.stmt]) -> dict[str, str]:
    """The texts that are given a name there."""
    return {
        ast.unparse(node.targets[0]): node.value.value
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def number(version: str) -> tuple[int, ...]:
    """``1.10.0`` as numbers, so that versions can be compared."""
    return tuple(map(int, version.split(".")))


def newest_release(root: Path) -> str:
    """The version of the newest record."""
    return max((path.stem for path in (root / RELEASED).glob("*.yml")), key=number)


def recorded(root: Path, version: str) -> set[tuple[str, str, str]]:
    """The keys of the parts that a release had."""
    content = _loaded((root / RELEASED / f"{version}.yml").read_text(encoding="utf-8"))
    keys = set()
    for owner, parts in content.items():
        kind = next(kind for kind in (*PLUGINS, "role", "playbook") if owner.startswith(f"{kind} "))
        keys |= {(owner, kind, name) for name in parts["names"].split()}
        keys |= {(owner, part, name) for part, heading in PARTS.items() for name in parts.get(heading, "").split()}
    return keys


def record(root: Path, version: str) -> Path:
    """Write what the collection in ``root`` has now as that release. Returns the path."""
    content: dict[str, dict[str, str]] = {}
    for part in read_interface(root):
        heading, words = PARTS.get(part.kind, "names"), content.setdefault(part.owner, {})
        words[heading] = f"{words.get(heading, '')} {part.name.replace(' ', '_')}".strip()
    path = root / RELEASED / f"{version}.yml"
    path.parent.mkdir(exist_ok=True)
    text = yaml.safe_dump(content, sort_keys=False, width=116)
    path.write_text(_HEADING.format(version) + text, encoding="utf-8")
    return path


def main(version: Optional[str] = None) -> None:
    """Record the version that the command line names."""
    record(ROOT, version or sys.argv[1])


if __name__ == "__main__":
    main()
