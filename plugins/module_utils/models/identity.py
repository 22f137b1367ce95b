# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two reads are of the same session or task: an id alone may be used again. Pure.

What one of two reads does not tell is not known, and so no difference.
"""

from __future__ import annotations

from typing import Optional, Protocol

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded
from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import NAIVE_MARGIN, Instant

_QUARTER = 900  # seconds: all offsets of time zones are multiples of it


class Identified(Protocol):
    """A read of a session or task. ``reference``: what a request names it by."""

    @property
    def reference(self) -> str:
        """Kind and id of a session, id and index of a task."""

    @property
    def app_name(self) -> Optional[str]:
        """The app."""

    @property
    def owner(self) -> Optional[str]:
        """``user@ENVIRONMENT``, or only the user."""

    @property
    def created_at(self) -> Optional[Instant]:
        """When it was created."""


def difference(before: Identified, now: Identified) -> str:
    """The field that shows that two reads are not of the same one, with both values; empty if there is none."""
    if before.reference != now.reference:
        return f"its id was '{shown(before.reference)}' and is '{shown(now.reference)}'"
    if _unlike(before.app_name, now.app_name, environments=False):
        return f"its app was '{shown(str(before.app_name))}' and is '{shown(str(now.app_name))}'"
    if _unlike(before.owner, now.owner, environments=True):
        return f"its owner was '{shown(str(before.owner))}' and is '{shown(str(now.owner))}'"
    if before.created_at and now.created_at and not _same_time(before.created_at, now.created_at):
        return f"it was created at {before.created_at.iso()} before and at {now.created_at.iso()} now"
    return ""


def comparable(before: Identified, now: Identified, *, asked: bool = False) -> bool:
    """Whether both tell one of app, owner and creation (``asked``: ``now`` any), or neither: then the id is all."""
    known = [tuple(one is not None for one in (read.app_name, read.owner, read.created_at)) for read in (before, now)]
    return any(map(all, zip(*known))) or (asked and any(known[1])) or not any(map(any, known))


def _unlike(before: Optional[str], now: Optional[str], *, environments: bool) -> bool:
    """Whether two names differ; letter case, blanks, and an environment that only one has make no difference."""
    if before is None or now is None:
        return False
    one, other = folded(before), folded(now)
    return one != other and not (environments and (one.startswith(f"{other}@") or other.startswith(f"{one}@")))


def _same_time(before: Instant, now: Instant) -> bool:
    """Whether two times are less than a second apart; of times with and without a zone, but for the zone."""
    apart = abs(before.seconds - now.seconds)
    if before.assumed_utc != now.assumed_utc and apart <= NAIVE_MARGIN + 7200:  # zones reach from -12 to +14 hours
        apart = min(apart % _QUARTER, _QUARTER - apart % _QUARTER)
    return apart < 1
