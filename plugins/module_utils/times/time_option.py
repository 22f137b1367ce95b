# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option that is a time, or a duration before now. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, parse_instant

_DATE = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TIMES = "Use a time such as 2026-01-31 or 2026-01-31T08:15:00Z, or a duration such as 90s, 8h or 2d (that long ago)."


@dataclass(frozen=True)
class TimeOption:
    """Seconds since 1970, or seconds before now (``ago``)."""

    seconds: float
    ago: bool = False

    def at(self, clock: Clock) -> float:
        """The time as seconds since 1970, by the server's clock if it is known."""
        now = clock.local if clock.server is None else clock.server
        return now - self.seconds if self.ago else self.seconds


def time_option_from(params: Mapping[str, Any], name: str, zone: Optional[tzinfo] = None) -> Optional[TimeOption]:
    """The option ``name``; None when it is not set.

    :param zone: the zone of a time without one; None means UTC.
    :raises OptionError: for a value that is neither a time nor a duration.
    """
    if params.get(name) is None:
        return None
    text = str(params[name]).strip()
    if not text.isdigit():
        instant = parse_instant(f"{text}T00:00" if _DATE.match(text) else text, zone)
        if instant is not None and instant.seconds >= 0:
            return TimeOption(instant.seconds)
    try:
        return TimeOption(parse_duration(text, name), ago=True)
    except OptionError:
        raise OptionError(f"{name}: '{text}' is neither a time nor a duration with its unit.", _TIMES) from None
