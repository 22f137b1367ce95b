# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves the logs of sessions to files: streamed, redacted, and put in place only when complete."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import own_words
from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    PartlyFailedError,
    RefusedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import AtomicFile, sweep
from ansible_collections.aimms.cloud.plugins.module_utils.logs.evidence import NotTheLogError, Seen, decoded
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import Redactor
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_CONCURRENCY = 4
_KEPT = 4 * 1024 * 1024  # bytes
_OCTAL = re.compile(r"\A0?[0-7]{3,4}\Z", re.ASCII)


@dataclass(frozen=True)
class WriteOptions:
    """How to write a log. ``mode`` None: a file keeps its mode, a new one gets 0600."""

    redact: bool
    compress: bool
    mode: Optional[int]
    check_mode: bool


def download(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_session_log_download``. If one log cannot be saved, the others still are.

    :param warn: called with each warning for the user.
    :raises PartlyFailedError: when a log could not be saved; the result lists all that were saved.
    """
    sessions = _sessions(params)
    options = WriteOptions(params["redact"], params["compress"], _mode(params.get("mode")), check_mode)
    place = _place(Path(params["dest"]).expanduser(), params["dest"], len(sessions), options)
    manager = SessionManager.connect(params)
    manager.routes.checked_kinds({session.kind for session in sessions if session.kind})
    for text in manager.warnings:
        warn(text)
    if not check_mode:
        sweep([*map(place, sessions)])
    archive = _Archive(manager, LogReader(manager), options, place, by_record=params.get("sessions") is not None)
    with WorkerPool(_CONCURRENCY) as workers:
        saved = workers.map(archive.save, sessions)
    files = [entry for entry in saved if "path" in entry]
    without = [entry for entry in saved if entry.pop("no_log", False)]
    missing = [entry for entry in saved if "path" not in entry and entry not in without]
    changes = [entry.pop("changed") for entry in files]
    result = {"changed": any(changes), "files": files, "not_saved": missing, "without_log": without}
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
    place: Callable[[Session], Path]
    by_record: bool

    def save(self, session: Session) -> dict[str, Any]:
        """The entry of the result for one session: about the file, or why there is none."""
        entry = {"session_id": session.id, "kind": session.kind or None}
        try:
            if not session.kind:
                from ansible_collections.aimms.cloud.plugins.module_utils.api.any_kind import only_one

                session = only_one(self.manager, self.manager.routes.checked_kinds(None), session.id)
                entry["kind"] = session.kind
            live = self._checked(session) if self.by_record else None
            try:
                return {**entry, **self._saved(session, self.place(session))}
            except HttpError as error:
                if self._has_none(session, live, error):
                    return {**entry, "no_log": True, "msg": "The service has no log of it, and no time when it began."}
                raise
        except AimmsError as error:
            return {**entry, "msg": str(error), **getattr(error, "result", {})}

    def _checked(self, session: Session) -> Session:
        """The session as it is now. :raises RefusedError: when it is not the one of the record."""
        live = self.manager.get(session.kind, session.id)
        changed = difference(session, live) if live else "the server no longer has one with its id"
        if live is None or changed:
            result = {"result": "changed_since" if live else "not_found"}
            raise RefusedError(f"It is not the session of the record: {changed}.", result=result)
        return live

    def _saved(self, session: Session, path: Path) -> dict[str, Any]:
        """Save what the download route gives if the route for lines agrees, else these lines."""
        kind, session_id = session.kind, session.id
        decode = partial(decoded, text_only=self.options.redact)
        if self.manager.routes.offers("download", kind):
            extent: Optional[Extent] = None
            doubt = {}
            try:
                extent = self.logs.extent(kind, session_id)
            except AimmsError as error:
                doubt = {"verified": False, "msg": f"Nothing shows that this is the whole log. {error}"}
            write = partial(self._write, path=path, extent=extent)
            try:
                return {**self.manager.download(kind, session_id, write, decode), **doubt}
            except (HttpError, NotTheLogError) as error:
                if not self._lines_instead(error, known=extent is not None and extent.entries > 0):
                    raise
        lines = (f"{line.text()}\n".encode("utf-8", "replace") for line in self.logs.all(kind, session_id))
        return self._write(decode(lines), path, None)

    def _lines_instead(self, error: AimmsError, *, known: bool) -> bool:
        """Whether to read lines after this error of a download. :param known: whether that route has shown lines."""
        if isinstance(error, HttpError) and error.status in (404, 405):
            return not self.manager.routes.documented
        return known and (not isinstance(error, HttpError) or error.status >= 500)

    def _has_none(self, session: Session, live: Optional[Session], error: HttpError) -> bool:
        """Whether the service says by each route, in its own words, that a session which never began has no log."""
        try:
            self.logs.extent(session.kind, session.id)
        except HttpError as another:
            if all(one.status in (404, 410) and own_words(one, session.id) for one in (error, another)):
                live = live or self.manager.get(session.kind, session.id)
                from ansible_collections.aimms.cloud.plugins.module_utils.logs.never_began import never_began

                return live is not None and never_began(live)
        return False

    def _write(self, pieces: Iterable[bytes], path: Path, extent: Optional[Extent]) -> dict[str, Any]:
        """Write the log to ``path``, or beside it. :raises StorageError: when the file cannot be written.

        :raises NotTheLogError: when the pieces are not a log of this extent.
        """
        redactor = Redactor(self.manager.connection.api_key, tokens=self.options.redact)
        seen = Seen(extent)
        bytes(_KEPT)  # glibc returns no freed memory up to this size to the system: a GiB in pieces takes 1.7 s less
        with AtomicFile(path, self.options.check_mode) as sink:
            # No name and no time in the archive: the same log gives the same bytes.
            target: Any = gzip.GzipFile("", "wb", fileobj=sink, mtime=0) if self.options.compress else sink
            for piece in seen.through(pieces):
                target.write(redactor.feed(piece))
            target.write(redactor.finish())
            if target is not sink:
                target.close()
            changed = sink.put(self.options.mode, empty=not seen.lines)
        entry = {"path": str(sink.path), "size": sink.size, "checksum": sink.checksum, "lines": seen.lines}
        return {**entry, "redactions": redactor.redactions, "verified": True, "changed": changed}


def _sessions(params: Mapping[str, Any]) -> list[Session]:
    """The sessions in the options, each once; of ids without a kind it is empty. :raises OptionError: for none."""
    records, ids = params.get("sessions"), params.get("session_ids")
    if records is None and not ids:
        raise OptionError("sessions, session_ids: name at least one session.", "An empty list never means 'all'.")
    named = (Session(checked_id(session_id), params.get("kind") or "") for session_id in ids or ())
    sessions = list(named)
    if records is not None:
        from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import session_of

        sessions = [session_of(record) for record in records]
    return list({(session.kind, session.id): session for session in sessions}.values())


def _place(dest: Path, given: str, count: int, options: WriteOptions) -> Callable[[Session], Path]:
    """The file of each of ``count`` logs: ``dest`` for a single one, unless that is a folder or ends with a slash."""
    if not given.strip():
        raise OptionError("dest: name a file or a folder.")
    if dest.exists() and not (dest.is_file() or dest.is_dir()):
        raise OptionError(f"dest: {dest} is neither a file nor a folder.")
    if count == 1 and not dest.is_dir() and not given.endswith("/"):
        if not dest.parent.is_dir():
            raise OptionError(f"dest: the folder {dest.parent} does not exist.")
        return lambda _session: dest
    if dest.exists() and not dest.is_dir():
        raise OptionError(f"dest: {dest} is a file, and {count} logs need a folder.")
    if not options.check_mode and count:
        try:
            dest.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(f"dest: {dest} cannot be made: {error.strerror}.") from None
    return lambda session: dest / f"{session.kind}-{session.id}.log{'.gz' if options.compress else ''}"


def _mode(mode: Union[int, str, None]) -> Optional[int]:
    """The mode as a number. :raises OptionError: when it is not an octal mode, or may be one without its quotes."""
    if mode is None:
        return mode
    if isinstance(mode, int) and not isinstance(mode, bool) and 0 <= mode <= 0o7777:
        if _is_odd(mode):
            raise OptionError(
                f"mode: {mode} without quotes is a decimal number, {mode:04o} as a mode.", f"Write it as '0{mode}'."
            )
        return mode
    if not isinstance(mode, str) or not _OCTAL.match(mode):
        raise OptionError(f"mode: '{mode}' is not an octal mode.", "Write it as '0640'.")
    return int(mode, 8)


def _is_odd(mode: int) -> bool:
    """Whether nobody would want it for a log: as 644, which YAML reads as 1204, where 0644 was meant."""
    owner, group, others = (mode >> shift & 7 for shift in (6, 3, 0))
    only_writes = any(rights & 6 == 2 for rights in (owner, group, others))
    return mode > 0o777 or only_writes or bool(group & ~owner or others & ~group)
