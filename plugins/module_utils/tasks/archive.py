# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves the response and the log of a task to files, before the task is deleted."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import AtomicFile, sweep
from ansible_collections.aimms.cloud.plugins.module_utils.logs.evidence import NotTheLogError, Seen, decoded
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine, lines_from
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import Redactor
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.service import DeletingTaskApi

RESPONSE, LOG = "response", "log"
_PARTS = {RESPONSE: "response", LOG: "logs/download"}
_MODE = 0o640


class TaskArchive:
    """The files of one run. Safe to use from several threads. ``files``: an entry for each file that was saved."""

    def __init__(self, api: DeletingTaskApi, folder: Path, tasks: Sequence[Task]) -> None:
        """:param tasks: those that may be saved. :raises OptionError: when the folder cannot be made."""
        self._api, self._folder = api, folder
        self._saved: set[str] = set()
        self.files: list[dict[str, Any]] = []
        try:
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(f"archive_dir: {folder} cannot be made: {error.strerror}.") from None
        sweep([self._path(task, part) for task in tasks for part in _PARTS])

    def save(self, task: Task) -> None:
        """Save both parts, as far as the service has them.

        :raises AimmsError: when one cannot be saved whole. It is a RefusedError unless the server is the reason.
        """
        if task.run in self._saved:
            return
        try:
            entries = [self._part(task, part) for part in _PARTS]
        except AimmsError as error:
            out = isinstance(error, TransportError) or (isinstance(error, HttpError) and error.status >= 500)
            told = f"Not deleted, as its response and log could not be saved: {error}"
            raise AimmsError(told) if out else RefusedError(told) from None
        self.files += filter(None, entries)
        self._saved.add(task.run)

    def _part(self, task: Task, part: str) -> Optional[dict[str, Any]]:
        """The entry of the saved file; None if the service has no such part of the task."""
        extent = None
        if part == LOG:
            lines = lines_from(self._api.log(task))
            extent = Extent(len(lines), [line.message for line in _oldest_first(lines)]) if lines else None

        def consume(pieces: Iterable[bytes]) -> dict[str, Any]:
            return self._write(pieces, self._path(task, part), extent)

        made = self._api.stream(task, _PARTS[part], consume, partial(decoded, text_only=True))
        if made is None and extent is not None:
            raise NotTheLogError("The service has lines of its log, and says that it has no log.")
        return made and {"task_id": task.id, "group_index": task.group_index, "part": part, **made}

    def _write(self, pieces: Iterable[bytes], path: Path, extent: Optional[Extent]) -> dict[str, Any]:
        """Write the masked text, packed. :raises NotTheLogError: for what is no text, or not that log."""
        redactor = Redactor(self._api.connection.api_key)
        seen = Seen(extent)
        with AtomicFile(path, check_mode=False) as sink:
            # No name and no time in the archive: the same text gives the same bytes.
            target: Any = gzip.GzipFile("", "wb", fileobj=sink, mtime=0)
            for piece in seen.through(pieces):
                target.write(redactor.feed(piece))
            target.write(redactor.finish())
            target.close()
            sink.put(_MODE, empty=not seen.lines)
        told: Mapping[str, Any] = {"size": sink.size, "checksum": sink.checksum, "lines": seen.lines}
        return {"path": str(sink.path), **told, "redactions": redactor.redactions}

    def _path(self, task: Task, part: str) -> Path:
        """No two runs have the same: the index is the last part of the name, and is always there."""
        return self._folder / f"{task.id}.{task.group_index}.{part}.gz"


def _oldest_first(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """The lines in the order of a download; that of the other route is not documented."""
    times = [line.timestamp.seconds for line in lines if line.timestamp]
    return lines[::-1] if times and times[0] > times[-1] else lines
