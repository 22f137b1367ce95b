# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of each day, such as ``22:00-06:00``, by the wall clock of a time zone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown

_TEXT = re.compile(r"\A([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-3]):([0-5][0-9])\Z", re.ASCII)


@dataclass(frozen=True)
class Window:
    """From ``begin`` to before ``end``, in minutes since midnight; over midnight if the end comes first."""

    begin: int
    end: int
    zone: tzinfo

    def contains(self, seconds: float) -> bool:
        """Whether a time, in seconds since 1970, lies in it."""
        wall = datetime.fromtimestamp(seconds, self.zone)
        minute = wall.hour * 60 + wall.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


def window_from(text: str, option: str, zone: tzinfo) -> Window:
    """:raises OptionError: for what is no part of a day, and for an empty one, which may be meant as all day."""
    match = _TEXT.match(text.strip())
    if not match:
        raise OptionError(f"{option}: '{shown(text)}' is no part of a day.", "Write it as 22:00-06:00.")
    hour, minute, last_hour, last_minute = map(int, match.groups())
    begin, end = hour * 60 + minute, last_hour * 60 + last_minute
    if begin == end:
        raise OptionError(f"{option}: '{shown(text)}' ends when it begins.", "Leave it out where all day is meant.")
    return Window(begin, end, zone)
