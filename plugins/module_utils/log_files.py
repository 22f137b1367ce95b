# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of sessions, saved to files: streamed, redacted on the way, and put in place only when whole."""

from __future__ import annotations

import glob
import gzip
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.bulk import each
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    PartlyFailedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.options import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.plan import session_of
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import Redactor
from ansible_collections.aimms.cloud.plugins.module_utils.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.session_logs import SessionLogs
from ansible_collections.aimms.cloud.plugins.module_utils.session_manager import SessionManager

_CONCURRENCY = 4
_CHUNK = 256 * 1024
_LEFTOVER_AGE = 60.0
_UNFINISHED = ".part"
_OCTAL = re.compile(r"\A0?[0-7]{3,4}\Z", re.ASCII)


class StorageError(AimmsError):
    """A file could not be written."""


@dataclass(frozen=True)
class Form:
    """How a log is written. ``mode`` is None to leave that of a file as it is (a new one: 0600)."""

    redact: bool = True
    compress: bool = False
    mode: Optional[int] = None
    check_mode: bool = False


def save(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """What ``aimms_session_log_download`` returns. One log that cannot be saved does not stop the others.

    :raises PartlyFailedError: when one could not be saved; the result lists all that were.
    """
    sessions = _named(params)
    form = Form(params["redact"], params["compress"], _mode(params.get("mode")), check_mode)
    paths = _paths(Path(params["dest"]).expanduser(), params["dest"], sessions, form)
    manager = SessionManager.connect(params)
    manager.service.checked_kinds({session.kind for session in sessions})
    for text in manager.warnings:
        warn(text)
    archive = _Archive(manager, form)
    saved = each(lambda pair: archive.save(*pair), list(zip(sessions, paths)), _CONCURRENCY)
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
        self._logs = SessionLogs(manager)
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

        with _storing(path):
            _sweep(path, self._manager.connection.max_time)
        if self._manager.service.offers("download", session.kind):
            try:
                return self._manager.download(session.kind, session.id, consume)
            except HttpError as error:
                if self._manager.service.documented or error.status not in (404, 405):
                    raise
        return consume(_as_text(self._logs, session))


def _as_text(logs: SessionLogs, session: Session) -> Iterator[bytes]:
    """The log as the download route would give it, from its pages."""
    for line in logs.all(session.kind, session.id):
        yield f"{line.text()}\n".encode("utf-8", "replace")


def _write(pieces: Iterable[bytes], path: Path, form: Form, key: str) -> dict[str, Any]:
    """Write to a temporary file beside ``path``, and rename it only when all is there and differs.

    :raises StorageError: when the file cannot be written.
    """
    redactor = Redactor(key, tokens=form.redact)
    with _Sink(path, form.check_mode) as sink:
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


def _fill(sink: _Sink, pieces: Iterable[bytes], compress: bool) -> int:
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


class _Sink:
    """A temporary file that counts and digests what is written to it; in check mode there is none.

    Its errors are StorageErrors, so that none is taken for one of the connection that feeds it.
    """

    def __init__(self, path: Path, check_mode: bool) -> None:
        self._path = path
        self._file: Any = None
        self._name: Optional[Path] = None
        self._check_mode = check_mode
        self._digest = hashlib.sha1(usedforsecurity=False)
        self.size = 0

    @property
    def checksum(self) -> str:
        """The SHA-1 of all that was written, as Ansible's own modules give it."""
        return self._digest.hexdigest()

    def __enter__(self) -> _Sink:
        """Make the temporary file.

        :raises StorageError: when the folder does not take it.
        """
        if not self._check_mode:
            with _storing(self._path):
                name = f".{self._path.name}."
                handle, made = tempfile.mkstemp(prefix=name, suffix=_UNFINISHED, dir=self._path.parent)
                self._name, self._file = Path(made), os.fdopen(handle, "wb")
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the temporary file, unless it has been put in its place."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._name is not None:
            self._name.unlink(missing_ok=True)

    def write(self, piece: bytes) -> int:
        """:raises StorageError: when the disk does not take it."""
        self._digest.update(piece)
        self.size += len(piece)
        if self._file is not None:
            with _storing(self._path):
                self._file.write(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing: ``put`` does."""

    def put(self, mode: Optional[int], *, empty: bool) -> bool:
        """Put the file in its place, where it differs from what is there; whether it did.

        :param mode: None to leave that of a file as it is. :param empty: whether the log has no line at all.
        :raises StorageError: when an empty log would replace one that is not.
        """
        with _storing(self._path):
            there = self._path.is_file()
            before = self._path.stat().st_mode & 0o7777 if there else None
            wanted = before if mode is None else mode
            same = there and _checksum(self._path) == self.checksum
            if there and empty and not same and self._path.stat().st_size:
                raise StorageError(f"The server gives an empty log, so {self._path} was left as it is.")
            if self._file is not None and self._name is not None and not same:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._name.chmod(0o600 if wanted is None else wanted)
                self._name.replace(self._path)
                self._name = None
            elif not self._check_mode and same and wanted != before and wanted is not None:
                self._path.chmod(wanted)
            return not same or wanted != before


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    """:raises StorageError: for any OSError inside."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from None


def _checksum(path: Path) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as opened:
        for chunk in iter(lambda: opened.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _sweep(path: Path, max_time: int) -> None:
    """Remove what a run that was killed has left: a temporary file that no living run can be writing."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*{_UNFINISHED}") if path.parent.is_dir() else ():
        if time.time() - leftover.stat().st_mtime > max_time + _LEFTOVER_AGE:
            leftover.unlink(missing_ok=True)


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
