# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is exempt from a check without a reason: no ignore files, and each comment that exempts a line says why."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).absolute().parents[2]
READ = {".py", ".yml", ".yaml", ".sh", ".j2", ".toml", ".cfg", ".ini", ""}
SKIPPED = {".build", ".git", "output", "__pycache__", "venv", ".venv", ".cache", "LICENSES"}

EXEMPTING = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|nosec|pragma|pylint:|yamllint\s+dis|shellcheck\s+dis|fmt:\s*off|mypy:)", re.IGNORECASE
)
NAMED = r"(?:[A-Z]+\d+|[a-z]+(?:-[a-z]+)+|[a-z]+\[[a-z-]+\]|\[[a-z,-]+\])"
REASON = re.compile(rf"(?:{NAMED}[, ]*)+(?:#\s*)?[a-z].*\w \w", re.IGNORECASE)


def files():
    """The project's text files but this one, each by its path from the root."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(set(below) - SKIPPED)
        for path in (Path(folder) / name for name in sorted(names)):
            if path.suffix in READ and path.name not in (Path(__file__).name, "LICENSE"):
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8", errors="replace")


def unexplained(text):
    """The comments of a line that exempt it from a check without saying why."""
    marks = list(EXEMPTING.finditer(text))
    return text[marks[-1].start() :] if marks and not REASON.search(text[marks[-1].end() :]) else ""


def test_each_exemption_says_why():
    found = [(inside, number, text) for inside, whole in files() for number, text in enumerate(whole.splitlines(), 1)]
    assert len(found) > 10_000
    bare = [f"{inside}:{number}: {unexplained(text)}" for inside, number, text in found if unexplained(text)]
    assert bare == []


@pytest.mark.parametrize(
    "comment",
    [
        "noqa",
        "noqa: A1",
        "type: ignore[misc]",
        "type: ignore",
        "pragma: no cover",
        "nosec B1",
    ],
)
def test_a_bare_exemption_is_seen(comment):
    assert unexplained(f"x = 1  # {comment}")
    assert unexplained(f"x = 1  # {comment}  ")


@pytest.mark.parametrize(
    "comment",
    ["noqa: A1  as it is", "type: ignore[misc,a-b]  # as it is", "noqa: args[module] as it is"],
)
def test_a_reason_is_seen(comment):
    assert not unexplained(f"x = 1  # {comment}")


def test_there_are_no_ignore_files():
    names = {str(inside) for inside, _text in files()} | {path.name for path in ROOT.glob(".*ignore*")}
    assert not [name for name in names if re.search(r"sanity/ignore.*\.txt$|lint-ignore|eslintignore", name)]
    assert not list(ROOT.glob("tests/sanity/ignore*"))


def test_ansible_lint_skips_no_rule():
    settings = yaml.safe_load((ROOT / ".config/ansible-lint.yml").read_text(encoding="utf-8"))
    assert settings["profile"] == "production"
    assert settings["strict"]
    assert not {"skip_list", "warn_list", "mock_modules", "mock_roles"} & set(settings)
