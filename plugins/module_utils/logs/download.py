# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves the logs of sessions to files: streamed, redacted, and put in place only when complete."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    PartlyFailedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import AtomicFile, sweep
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.logs.redaction import Redactor
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id, session_of
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_CONCURRENCY = 4
_OCTAL = re.compile(r"\A0?[0-7]{3,4}\Z", re.ASCII)


@dataclass(frozen=True)
class WriteOptions:
    """How to write a log. ``mode`` None: a file keeps its mode, a new one gets 0600."""

    redact: bool = True
    compress: bool = False
    mode: Optional[int] = None
    check_mode: bool = False


def download(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_session_log_download``. If one log cannot be saved, the others still are.

    :param warn: called with each warning for the user.
    :raises PartlyFailedError: when a log could not be saved; the result lists all that were saved.
    """
    sessions = _sessions(params)
    options = WriteOptions(params["redact"], params["compress"], _mode(params.get("mode")), check_mode)
    paths = _paths(Path(params["dest"]).expanduser(), params["dest"], sessions, options)
    manager = SessionManager.connect(params)
    manager.routes.checked_kinds({session.kind for session in sessions})
    for text in manager.warnings:
        warn(text)
    if not check_mode:
        sweep(paths)
    archive = _Archive(manager, LogReader(manager), options)
    with WorkerPool(_CONCURRENCY) as workers:
        saved = workers.map(lambda pair: archive.save(*pair), zip(sessions, paths))
    files = [entry for entry in saved if "path" in entry]
    missing = [entry for entry in saved if "path" not in entry]
    changes = [entry.pop("changed") for entry in files]
    result = {"changed": any(changes), "files": files, "not_saved": missing}
    if missing:
        raise PartlyFailedError(
            f"{len(missing)} of {len(saved)} logs could not be saved. {missing[0]['msg']}", result=result
        )
    return result


@dataclass(frozen=True)
class _Archive:
    """Saves the logs of one server's sessions."""

    manager: SessionManager
    logs: LogReader
    options: WriteOptions

    def save(self, session: Session, path: Path) -> dict[str, Any]:
        """The entry of the result for one session: about the file, or why it could not be saved."""
        entry = {"session_id": session.id, "kind": session.kind}
        try:
            return {**entry, **self._download(session, path)}
        except AimmsError as error:
            return {**entry, "msg": str(error)}

    def _download(self, session: Session, path: Path) -> dict[str, Any]:
        write = partial(_write, path=path, options=self.options, key=self.manager.connection.api_key)
        if self.manager.routes.offers("download", session.kind):
            try:
                return self.manager.download(session.kind, session.id, write)
            except HttpError as error:
                if self.manager.routes.documented or error.status not in (404, 405):
                    raise
        lines = self.logs.all(session.kind, session.id)
        return write(f"{line.text()}\n".encode("utf-8", "replace") for line in lines)  # as the download route does


def _write(pieces: Iterable[bytes], path: Path, options: WriteOptions, key: str) -> dict[str, Any]:
    """Write the log to ``path``. :raises StorageError: when the file cannot be written."""
    redactor = Redactor(key, tokens=options.redact)
    with AtomicFile(path, options.check_mode) as sink:
        lines = _fill(sink, _redacted(pieces, redactor), options.compress)
        changed = sink.put(options.mode, empty=not lines)
    entry = {"path": str(path), "size": sink.size, "checksum": sink.checksum, "lines": lines}
    return {**entry, "redactions": redactor.redactions, "changed": changed}


def _redacted(pieces: Iterable[bytes], redactor: Redactor) -> Iterator[bytes]:
    for piece in pieces:
        yield redactor.feed(piece)
    yield redactor.finish()


def _fill(sink: AtomicFile, pieces: Iterable[bytes], compress: bool) -> int:
    """Write the pieces. Returns the number of lines."""
    lines, last = 0, b"\n"
    # No name and no time in the archive: the same log gives the same bytes.
    target: Any = gzip.GzipFile(filename="", mode="wb", fileobj=sink, mtime=0) if compress else sink
    for piece in pieces:
        target.write(piece)
        lines += piece.count(b"\n")
        last = piece[-1:] or last
    if compress:
        target.close()
    return lines + (last != b"\n")


def _sessions(params: Mapping[str, Any]) -> list[Session]:
    """The sessions in the options, each once. :raises OptionError: for no session, or for ids without a kind."""
    if params.get("sessions") is not None:
        sessions = [session_of(record) for record in params["sessions"]]
    else:
        if not params.get("session_ids"):
            raise OptionError("sessions, session_ids: name at least one session.", "An empty list never means 'all'.")
        if not params.get("kind"):
            raise OptionError("session_ids needs kind.")
        sessions = [Session(checked_id(session_id), params["kind"]) for session_id in params["session_ids"]]
    return list({(session.kind, session.id): session for session in sessions}.values())


def _paths(dest: Path, given: str, sessions: Sequence[Session], options: WriteOptions) -> list[Path]:
    """The file of each log: ``dest`` itself for a single one, unless ``dest`` is a folder or ends with a slash."""
    if not given.strip():
        raise OptionError("dest: name a file or a folder.")
    if dest.exists() and not (dest.is_file() or dest.is_dir()):
        raise OptionError(f"dest: {dest} is neither a file nor a folder.")
    if len(sessions) == 1 and not dest.is_dir() and not given.endswith("/"):
        if not dest.parent.is_dir():
            raise OptionError(f"dest: the folder {dest.parent} does not exist.")
        return [dest]
    if dest.exists() and not dest.is_dir():
        raise OptionError(f"dest: {dest} is a file, and {len(sessions)} logs need a folder.")
    if not options.check_mode and sessions:
        try:
            dest.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(f"dest: {dest} cannot be made: {error.strerror}.") from None
    ending = ".log.gz" if options.compress else ".log"
    return [dest / f"{session.kind}-{session.id}{ending}" for session in sessions]


def _mode(mode: Union[int, str, None]) -> Optional[int]:
    """The mode as a number. :raises OptionError: when it is not an octal mode."""
    if mode is None or (isinstance(mode, int) and not isinstance(mode, bool) and 0 <= mode <= 0o7777):
        return mode
    if not isinstance(mode, str) or not _OCTAL.match(mode):
        raise OptionError(f"mode: '{mode}' is not an octal mode.", "Write it as '0640'.")
    return int(mode, 8)
