"""What is on the disk: no saved byte is lost, and a log that is called saved is there as the service has it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .archive import TOKEN, Lines

if TYPE_CHECKING:
    from .runs import Ran, Told
    from .truth import Fault

Files = dict[str, bytes]


@dataclass
class Save:
    """One run that saves logs: what was asked for, the files before and after, and the logs as they were meanwhile.

    ``others``: ids that are not those of the sessions of the records any more.
    """

    told: Told
    asked: list[dict[str, Any]]
    before: Files
    after: Files
    logs: dict[str, Lines]
    others: set[str] = field(default_factory=set)


def files_of(folder: Path) -> Files:
    """The content of all files of a folder, and of those beside it that links in it lead to, by name."""
    paths = [*folder.iterdir(), *folder.parent.glob(f"{folder.name}-aside-*")]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def _unpacked(content: bytes) -> bytes:
    """What is in a gzip file; anything else, damaged ones too, as it is."""
    try:
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error):
        return content


def is_log(content: bytes, lines: Lines, *, redact: bool) -> bool:
    """Whether a file has all these lines, in this order, and nothing else; each begins with a time."""
    masked = [text.replace(TOKEN, "********") if redact else text for _ago, text in lines]
    wanted = [piece for text in masked for piece in text.split("\n")]
    found = _unpacked(content).decode("utf-8", "replace").removesuffix("\n").split("\n")
    if not wanted:
        return not _unpacked(content).strip()
    return len(found) == len(wanted) and all(line.endswith(piece) for line, piece in zip(found, wanted))


def has_log(files: Files, row: dict[str, Any], lines: Lines, *, redact: bool = True) -> bool:
    """Whether the log of a session is in one of the files with its name."""
    own = [content for name, content in files.items() if name.startswith(f"{row['kind']}-{row['id']}")]
    return any(is_log(content, lines, redact=redact) for content in own)


def saved_faults(ran: Ran) -> Iterator[Fault]:
    """Of all runs that saved logs."""
    from .truth import LOST

    for number, save in enumerate(ran.saves, 1):
        kept = [*save.after.values(), *map(_unpacked, save.after.values())]
        for name, content in save.before.items():
            old = _unpacked(content)
            if not any(new.startswith(old) or new == content for new in kept):
                yield LOST, f"run {number}: {name} is lost: {content[:60]!r}"
        yield from _told(ran, save)


def _told(ran: Ran, save: Save) -> Iterator[Fault]:
    from .truth import LIE, LOST, able

    result = save.told.result or {}
    easy = ran.case.harmless and ran.case.clear and able(ran)
    if not isinstance(result.get("files"), list):
        if save.before != save.after:
            yield LOST, f"files were written, and no result tells of them: {result.get('msg')!r}"
        elif easy:
            yield LIE, f"no log was saved, and nothing was wrong: {result.get('msg') or save.told.broken!r}"
        return
    listed = Counter(entry["session_id"] for name in ("files", "not_saved", "without_log") for entry in result[name])
    if listed != Counter(row["id"] for row in save.asked):
        yield LOST, f"asked for {len(save.asked)} logs, told of {sum(listed.values())}"
    if bool(result["not_saved"]) != bool(result.get("failed")):
        yield LIE, f"failed is {result.get('failed')} with {len(result['not_saved'])} that are not saved"
    if save.before != save.after and not result.get("changed"):
        yield LIE, "files were written, and changed is false"
    for entry in result["files"]:
        yield from _file(ran, save, entry)
    verified = {entry["session_id"] for entry in result["files"] if entry["verified"]}
    for row in save.asked if easy else ():
        if row["id"] not in verified | save.others and savable(ran, save.logs, row["id"]):
            why = [entry for entry in result["not_saved"] if entry["session_id"] == row["id"]]
            yield LIE, f"the log of {row['id']} is not saved: {why}"


def _file(ran: Ran, save: Save, entry: dict[str, Any]) -> Iterator[Fault]:
    from .truth import LIE, WRONG

    one, content = entry["session_id"], save.after.get(Path(entry["path"]).name)
    if content is None:
        yield LIE, f"the file of {one} is not there"
        return
    told, made = (entry["size"], entry["checksum"]), (len(content), hashlib.sha1(content).hexdigest())
    if told != made:
        yield LIE, f"the file of {one} has {made}, and told is {told}"
    redact = ran.case.archive is None or ran.case.archive.redact
    if one in save.others:
        yield WRONG, f"saved as the log of {one}, which is another session now"
    elif entry["verified"] and one not in ran.touched and not is_log(content, save.logs[one], redact=redact):
        yield WRONG, f"called the whole log of {one}, and is not: {_unpacked(content)[:200]!r}"
    if redact and TOKEN.encode() in _unpacked(content):
        yield WRONG, f"a token is in the file of {one}"


def savable(ran: Ran, logs: dict[str, Lines], one: str) -> bool:
    """Whether its log can be saved: nothing is in the way, and an empty one does not stand beside another."""
    found = ran.case.archive.found.get(one, "") if ran.case.archive else ""
    return found != "folder" and bool(logs[one] or not found)


def record_faults(ran: Ran, rows: list[dict[str, Any]]) -> Iterator[Fault]:
    """Records that went, and whose logs are not on the disk. :param rows: those that we deleted."""
    from .truth import WRONG

    none = ran.case.trouble.settings.get("logs_status") == 404
    for row in rows:
        lines = ran.logs.get(row["id"])
        if lines is None or (none and row["started_at"] is None) or has_log(ran.files, row, lines):
            continue
        found = [name for name in ran.files if row["id"] in name]
        yield WRONG, f"the record of {row['id']} is gone, and its log of {len(lines)} lines is not saved: {found}"
