"""The files of the runs: complete logs and reports, and unexpected files."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_COUNTS = re.compile(r"^\| planned \|.*\n\|[-| ]+\n\| (?P<counts>[\d |]+) \|$", re.MULTILINE)
_TABLE_HEAD = 2
_REPORT = re.compile(r"127\.0\.0\.1-\d+\.(?:json|md|html|xml)\Z|\.127\.0\.0\.1-\d+\+history\.json\Z")
"""The files of the report, which have the name of the account: here its address."""


class Shelf:
    """The folders of archive and report, which may contain only files with known names."""

    def __init__(self, archive: Path, reports: Path, names: Mapping[str, bytes]) -> None:
        """:param names: the expected logs by file name."""
        self._archive, self._reports, self._logs = archive, reports, names

    def broken(self) -> set[str]:
        """The files with a final name that are incomplete."""
        return {
            path.name
            for path in self._files()
            if not self._is_other(path) and not self._complete(path.name, _bytes(path))
        }

    def others(self) -> set[str]:
        """The unexpected files."""
        return {path.name for path in self._files() if self._is_other(path)}

    def saved(self) -> set[str]:
        """The names of the complete logs."""
        return {
            path.name for path in self._files() if path.name in self._logs and self._complete(path.name, _bytes(path))
        }

    def stamps(self) -> dict[str, int]:
        """When each log was written; unchanged if no log was written again."""
        return {path.name: path.stat().st_mtime_ns for path in self._files() if path.name in self._logs}

    def report(self) -> Any:
        """The JSON report; None if there is no readable one."""
        for path in self._reports.glob("127.0.0.1-*[0-9].json"):  # it has the name of the account
            return json.loads(path.read_text(encoding="utf-8")) if path.name not in self.broken() else None
        return None

    def all_bytes(self) -> bytes:
        """The content of all files."""
        return b"\n".join(_unpacked(_bytes(path)) or b"" for path in self._files())

    def _files(self) -> list[Path]:
        folders = [folder for folder in (self._archive, self._reports) if folder.is_dir()]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def _is_other(self, path: Path) -> bool:
        report = path.parent == self._reports and _REPORT.match(path.name)
        return not report and path.name not in self._logs

    def _complete(self, name: str, content: bytes | None) -> bool:
        if content is None:  # another process has just replaced the file
            return True
        if name.endswith("+history.json"):
            return _is_json(content)
        if name.endswith(".json"):
            return _is_report(content)
        if name.endswith(".xml"):
            return content.rstrip().endswith(b">")
        if name.endswith(".md"):
            return _is_markdown(content.decode("utf-8", "replace"))
        if name.endswith(".html"):
            return content.lstrip().startswith(b"<!doctype html>") and content.rstrip().endswith(b"</html>")
        return _unpacked(content) == self._logs[name]


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _unpacked(content: bytes | None) -> bytes | None:
    if content is None or not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return None


def _is_json(content: bytes) -> bool:
    try:
        return json.loads(content) is not None
    except ValueError:
        return False


def _is_report(content: bytes) -> bool:
    try:
        return {"host", "planned", "cutoff", "failed"} <= set(json.loads(content))
    except ValueError:
        return False


def _is_markdown(text: str) -> bool:
    """Whether the report has all tables and rows that its summary announces."""
    summary = _COUNTS.search(text)
    if not summary or not text.endswith("\n"):
        return False
    counts = [int(count) for count in summary["counts"].split("|")]
    tables = dict(re.findall(r"^## (Kept|Saved logs)\n\n((?:\|.*\|\n)*)", text, re.MULTILINE))
    rows = {title: tables.get(title, "").count("\n") - _TABLE_HEAD for title in ("Kept", "Saved logs")}
    return all(rows[title] == count or (count == 0 and title not in tables)
               for title, count in zip(("Kept", "Saved logs"), counts[-2:]))  # fmt: skip
