# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of sessions, saved to files: streamed, redacted on the way, and put in place only when whole."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
class Form:
    """How a log is written. ``mode`` is None to leave that of a file as it is (a new one: 0600)."""

    redact: bool = True
    compress: bool = False
    mode: Optional[int] = None
    check_mode: bool = False


def download(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """What ``aimms_session_log_download`` returns. One log that cannot be saved does not stop the others.

    :raises PartlyFailedError: when one could not be saved; the result lists all that were.
    """
    sessions = _named(params)
    form = Form(params["redact"], params["compress"], _mode(params.get("mode")), check_mode)
    paths = _paths(Path(params["dest"]).expanduser(), params["dest"], sessions, form)
    manager = SessionManager.connect(params)
    manager.routes.checked_kinds({session.kind for session in sessions})
    for text in manager.warnings:
        warn(text)
    if not check_mode:
        sweep(paths)
    archive = _Archive(manager, form)
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


class _Archive:
    """Saves the logs of one server's sessions."""

    def __init__(self, manager: SessionManager, form: Form) -> None:
        self._manager = manager
        self._logs = LogReader(manager)
        self._form = form

    def save(self, session: Session, path: Path) -> dict[str, Any]:
        """The entry of the result for one session: of the file, or why there is none."""
        named = {"session_id": session.id, "kind": session.kind}
        try:
            return {**named, **self._saved(session, path)}
        except AimmsError as error:
            return {**named, "msg": str(error)}

    def _saved(self, session: Session, path: Path) -> dict[str, Any]:
        def consume(pieces: Iterable[bytes]) -> dict[str, Any]:
            return _write(pieces, path, self._form, self._manager.connection.api_key)

        if self._manager.routes.offers("download", session.kind):
            try:
                return self._manager.download(session.kind, session.id, consume)
            except HttpError as error:
                if self._manager.routes.documented or error.status not in (404, 405):
                    raise
        return consume(_as_text(self._logs, session))


def _as_text(logs: LogReader, session: Session) -> Iterator[bytes]:
    """The log as the download route would give it, from its pages."""
    for line in logs.all(session.kind, session.id):
        yield f"{line.text()}\n".encode("utf-8", "replace")


def _write(pieces: Iterable[bytes], path: Path, form: Form, key: str) -> dict[str, Any]:
    """Write to a temporary file beside ``path``, and rename it only when all is there and differs.

    :raises StorageError: when the file cannot be written.
    """
    redactor = Redactor(key, tokens=form.redact)
    with AtomicFile(path, form.check_mode) as sink:
        lines = _fill(sink, _redacted(pieces, redactor), form.compress)
        changed = sink.put(form.mode, empty=not lines)
    return {
        "path": str(path),
        "size": sink.size,
        "checksum": sink.checksum,
        "lines": lines,
        "redactions": redactor.redactions,
        "changed": changed,
    }


def _redacted(pieces: Iterable[bytes], redactor: Redactor) -> Iterator[bytes]:
    for piece in pieces:
        yield redactor.feed(piece)
    yield redactor.finish()


def _fill(sink: AtomicFile, pieces: Iterable[bytes], compress: bool) -> int:
    """Write the pieces, and return the number of lines. Compressed twice alike, the bytes are the same."""
    lines, last = 0, b"\n"
    target: Any = gzip.GzipFile(filename="", mode="wb", fileobj=sink, mtime=0) if compress else sink
    for piece in pieces:
        target.write(piece)
        lines += piece.count(b"\n")
        last = piece[-1:] or last
    if compress:
        target.close()
    return lines + (last != b"\n")


def _named(params: Mapping[str, Any]) -> list[Session]:
    """The sessions whose logs are wanted, each once.

    :raises OptionError: when none is named, or ids come without their kind.
    """
    if params.get("sessions") is not None:
        sessions = [session_of(record) for record in params["sessions"]]
    else:
        if not params.get("session_ids"):
            raise OptionError("sessions, session_ids: name at least one session.", "An empty list never means 'all'.")
        if not params.get("kind"):
            raise OptionError("session_ids needs kind.")
        sessions = [Session(checked_id(session_id), params["kind"]) for session_id in params["session_ids"]]
    return list({(session.kind, session.id): session for session in sessions}.values())


def _paths(dest: Path, given: str, sessions: Sequence[Session], form: Form) -> list[Path]:
    """Where each log goes: ``dest`` itself for a single one, unless it is a folder or ends with a slash."""
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
    if not form.check_mode and sessions:
        try:
            dest.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(f"dest: {dest} cannot be made: {error.strerror}.") from None
    ending = ".log.gz" if form.compress else ".log"
    return [dest / f"{session.kind}-{session.id}{ending}" for session in sessions]


def _mode(mode: Union[int, str, None]) -> Optional[int]:
    """:raises OptionError: for what is no octal mode."""
    if mode is None or (isinstance(mode, int) and not isinstance(mode, bool) and 0 <= mode <= 0o7777):
        return mode
    if not isinstance(mode, str) or not _OCTAL.match(mode):
        raise OptionError(f"mode: '{mode}' is not an octal mode.", "Write it as '0640'.")
    return int(mode, 8)
