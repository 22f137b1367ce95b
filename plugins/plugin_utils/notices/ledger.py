# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of announcements as data: which sessions were announced, and when. Pure.

A ledger that is damaged or was edited by hand has no entries: all announcements begin anew, so nothing ends sooner.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso, parse_instant

Data = dict[str, Any]
Identity = tuple[str, str, str, Optional[str], Optional[str], Optional[str]]

_FORMAT = 1
_TIMES = ("announced_at", "announced_by_server", "seen_at")


@dataclass(frozen=True)
class Entry:
    """An announcement of the end of a session. Times are whole seconds since 1970, rounded up.

    ``created_at``: or the start, where the creation is not told.
    ``announced_at``: by the clock of the control node. ``announced_by_server``: by that of the service. ``notice``: the
    seconds that were promised then. ``seen_at``: when a run last saw that the session is still stale.
    """

    account: str
    kind: str
    id: str
    app_name: Optional[str]
    owner: Optional[str]
    created_at: Optional[str]
    announced_at: int
    announced_by_server: int
    notice: int
    seen_at: int

    @property
    def identity(self) -> Identity:
        """What a session must have in common with the announced one."""
        return self.account, self.kind, self.id, self.app_name, self.owner, self.created_at


def identity_of(account: str, record: Mapping[str, Any]) -> Identity:
    """As ``Entry.identity``, of a session as the modules return it; by its start where its creation is not told."""
    began = record["created_at"] or record.get("started_at")
    return account, record["kind"], record["id"], record["app_name"], record["owner"], began


def written(entries: Iterable[Entry]) -> Data:
    """The ledger with these entries, for JSON."""
    records = [{**asdict(one), **{name: iso(getattr(one, name)) for name in _TIMES}} for one in entries]
    return {"format": _FORMAT, "entries": records, "checksum": _checksum(records)}


def entries_in(ledger: Any) -> tuple[tuple[Entry, ...], str]:
    """The entries of a ledger, and why it has none although there is one; empty if all is well.

    :param ledger: the text of a file, or the value of a fact; None or an empty text: there is none yet.
    """
    if ledger is None or ledger in ("", {}):
        return (), ""
    try:
        found = json.loads(ledger) if isinstance(ledger, str) else ledger
        if found["format"] != _FORMAT or found["checksum"] != _checksum(found["entries"]):
            raise ValueError(found["format"])
        return tuple(map(_entry, found["entries"])), ""
    except (ValueError, TypeError, LookupError, RecursionError):
        return (), "It is damaged, was edited, or is of another version."


def _checksum(records: Any) -> str:
    text = json.dumps([_FORMAT, records], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(record: Mapping[str, Any]) -> Entry:
    """:raises ValueError: for an entry that no run writes; so do TypeError and LookupError."""
    times: Data = {name: parse_instant(record[name]) for name in _TIMES}
    values: Data = {one.name: record[one.name] for one in fields(Entry) if one.name not in _TIMES}
    texts = [values[name] for name in ("account", "kind", "id")]
    optional = [values[name] for name in ("app_name", "owner", "created_at") if values[name] is not None]
    whole = isinstance(values["notice"], int) and values["notice"] > 0
    if not whole or not all(isinstance(text, str) for text in (*texts, *optional)):
        raise ValueError(record)
    values.update({name: int(one.seconds) for name, one in times.items() if one is not None})
    return Entry(**values)
