"""Logs and the folder that they are saved to: what is drawn, and how an account and a folder are made of it.

Times are drawn as seconds ago; `State` knows when that was.
"""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from emulator.account.logs import stamp

Lines = list[tuple[float, str]]
"""Seconds ago, and message; the oldest first."""
Row = dict[str, Any]
DAY = 86400.0
LIMIT = 30 * DAY
"""Of ``ended_before`` in all cases of retention."""
TOKEN = "tok-Zr8vKq31mXw0"
"""The secret in some of the lines."""
_MESSAGES = (
    "info Solver progress: iteration 7, gap 0.4 %", f"Bootstrap: aimms-session --logonToken {TOKEN} --port 2600",
    "warn Stra\u00dfe \u2013 \u0130stanbul \u4e16\u754c", '{"errorId": "NotFound", "message": "no such session"}',
    "null", "error in Main\n  at Step(i,j)\n  at Run", "debug " + "x" * 3000, "[]",
    "<html><body>502 Bad Gateway</body></html>",
    "info Procedure MainExecution: step 3 done", "pod/daaimmsbox-1f annotated",
)  # fmt: skip
_FOUND = ("beginning", "another", "another packed", "damaged", "empty", "two others", "link", "pipe", "folder")
_HAPPENS = ("grows", "grows", "rotated", "another session", "gone")


@dataclass
class Archive:
    """``lines``: the log of each session. ``found``: what is in the folder at first, by id.

    ``happens``: what happens to whom between two runs; ``more``: the lines that come then. ``packed``, ``redact``: as
    the options.
    """

    lines: dict[str, Lines]
    found: dict[str, str] = field(default_factory=dict)
    happens: dict[str, str] = field(default_factory=dict)
    more: Lines = field(default_factory=list)
    packed: bool = False
    redact: bool = True


def drawn(chance: Random, rows: list[Row], *, ended: bool) -> Archive:
    """Logs for all rows; with ``ended`` also when they ended, for retention."""
    for row in rows if ended else ():
        _ended(chance, row)
    made = Archive({row["id"]: _lines(chance, row) for row in rows})
    made.packed = ended or chance.random() < 0.4
    made.redact = ended or chance.random() < 0.85
    for row in chance.sample(rows, chance.randint(0, 5)):
        made.found[row["id"]] = chance.choice(_FOUND)
    for row in chance.sample(rows, chance.randint(0, 4)) if not ended else ():
        made.happens[row["id"]] = chance.choice(_HAPPENS)
    made.more = [(number / 100, chance.choice(_MESSAGES)) for number in range(chance.randint(1, 4), 0, -1)]
    return made


def _ended(chance: Random, row: Row) -> None:
    """When it ended: long ago, not long ago, or at a time that cannot be true."""
    if row["state"] == "running":
        row["age"] = 90 * DAY
        return
    row["ended"] = chance.choice((45, 45, 60, 80, 120, 45, 10, 28)) * DAY
    row["age"] = row["ended"] + chance.choice((1, 5, 20)) * DAY
    if chance.random() < 0.08:
        row["age"], row["ended"] = 40 * DAY, 60 * DAY  # before its creation
    if chance.random() < 0.1:
        row["started_at"] = None


def _lines(chance: Random, row: Row) -> Lines:
    count = chance.choice((0, 1, 2, 5, 5, 8, 12, 12, 12, 12, 12, 260 if chance.random() < 0.3 else 7))
    last = chance.choice((0.0, 3600.0)) if "ended" not in row else row["ended"] + chance.choice((0, 0, 0, 5 * DAY))
    if "ended" in row and chance.random() < 0.12:
        last = 3 * DAY  # written long after what the record tells of its end
    first = max(row["age"], last + count)
    step = (first - last) / max(1, count)
    return [(first - number * step, chance.choice(_MESSAGES)) for number in range(count)]


@dataclass
class State:
    """The account and the folder of a case, at the time ``now`` (POSIX)."""

    archive: Archive
    folder: Path
    now: float
    logs: dict[str, Lines] = field(default_factory=dict)  # as they are now

    def sessions(self, rows: list[Row]) -> list[Row]:
        """The rows as the emulator takes them."""
        self.logs = dict(self.archive.lines)
        return [self._session(row) for row in rows]

    def _session(self, row: Row) -> Row:
        made = {name: value for name, value in row.items() if name != "ended"}
        if "ended" in row:
            made["ended_at"] = self._time(row["ended"])
        return {**made, "logs": self._given(self.archive.lines[row["id"]])}

    def _given(self, lines: Lines) -> list[Row]:
        return [{"timestamp": self._time(ago), "message": text} for ago, text in lines]

    def _time(self, ago: float) -> str:
        return f"{stamp(self.now - ago)}Z".replace(" ", "T")

    def text(self, lines: Lines) -> bytes:
        """The file that such a log makes."""
        return "".join(f"{stamp(self.now - ago)} {text}\n" for ago, text in lines).encode()

    def path(self, row: Row) -> Path:
        """The file of a session's log."""
        return self.folder / f"{row['kind']}-{row['id']}.log{'.gz' if self.archive.packed else ''}"

    def fill(self, rows: list[Row]) -> None:
        """Put into the folder what is there at first."""
        self.folder.mkdir(parents=True)
        for row in rows:
            if row["id"] in self.archive.found:
                self._find(self.archive.found[row["id"]], self.path(row), self.archive.lines[row["id"]])

    def _find(self, what: str, path: Path, lines: Lines) -> None:
        pack = gzip.compress if self.archive.packed else bytes
        other = self.text([(ago + 400 * DAY, f"of another session: {text}") for ago, text in lines[:3]]) + b"other\n"
        if what == "folder":
            path.mkdir()
        elif what == "pipe":  # as a run that was killed might seem to have left it
            os.mkfifo(path.with_name(f".{path.name}.abcd_123.part"))
        elif what == "link":
            aside = self.folder.with_name(f"{self.folder.name}-aside-{path.name}")
            aside.write_bytes(other)
            path.symlink_to(aside)
        elif what == "two others":
            path.write_bytes(pack(other))
            second = path.name.replace(".log", "~2.log")
            path.with_name(second).write_bytes(pack(b"a second one\n" + other))
        else:
            mask = str(TOKEN).encode() if not self.archive.redact else b"********"
            own = self.text(lines[: len(lines) // 2]).replace(TOKEN.encode(), mask)
            contents = {"beginning": pack(own), "another": other, "another packed": gzip.compress(other)}
            contents |= {"damaged": b"\x1f\x8b\x08 not gzip", "empty": b""}
            path.write_bytes(contents[what])

    def grow(self, emulator: Any, rows: list[Row]) -> None:
        """All logs get more lines."""
        for row in rows:
            self._more(emulator, row["id"])

    def _more(self, emulator: Any, one: str) -> None:
        emulator.update_session(one, append_logs=self._given(self.archive.more))
        self.logs[one] = [*self.logs[one], *self.archive.more]

    def happen(self, emulator: Any, rows: list[Row]) -> set[str]:
        """What happens to sessions and logs between two runs. Returns the ids of those that are others now, or gone."""
        others = set()
        for row in rows:
            what, one = self.archive.happens.get(row["id"]), row["id"]
            if what == "gone":
                emulator.remove_session(one)
            elif what == "another session":
                emulator.update_session(one, age=7200.0, logs=self._given(self.archive.more))
            elif what == "rotated":
                emulator.update_session(one, logs=self._given(self.archive.more))
                self.logs[one] = self.archive.more
            elif what == "grows":
                self._more(emulator, one)
            others |= {one} if what in ("gone", "another session") else set()
        return others
