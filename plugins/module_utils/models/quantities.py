# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts that a record tells, in the units of results. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Optional, Union

Number = Union[int, float]

_AMOUNT = re.compile(r"\A(\d{1,15}(?:\.\d{1,15})?)\s*([a-z]*)\Z", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"\A(\d{1,6}):([0-5]\d):([0-5]\d(?:\.\d{1,9})?)\Z", re.ASCII)
_TIME = "s sec seconds 1, ms millis milliseconds 0.001, min minutes 60, h hours 3600"
_UNITS = {
    "queue_seconds": _TIME,
    "launch_seconds": _TIME,
    "run_seconds": _TIME,
    "gb_hours": "gbh gbhour gbhours 1",
    "peak_memory_mib": "mi mib 1, gi gib 1024, ki kib 0.0009765625, b bytes 9.5367431640625e-7, "
    "kb 0.00095367431640625, mb 0.95367431640625, gb 953.67431640625",
    "peak_cpu_millicores": "m millicores 1, cores 1000, n nanocores 1e-6",
}
"""For each amount of a session its units, and how much each is in that of the result."""
_FACTORS = {
    name: {unit: float(factor) for *units, factor in map(str.split, text.split(", ")) for unit in units}
    for name, text in _UNITS.items()
}
_LARGEST = 10**9  # 31 years, 900 TiB: what is more is a point in time, or in another unit


def amount(value: Any, name: str, field: str) -> Optional[Number]:
    """The amount ``name``; None for what is none, and for one in a unit that is not known.

    :param value: a number or a text, which may have a unit. :param field: the server's name of the field, which tells
        the unit where the value does not.
    """
    number, factor = value, None
    if isinstance(value, str):
        clock, match = _CLOCK.match(value.strip()), _AMOUNT.match(value.strip())
        if clock and name.endswith("_seconds"):
            hours, minutes, seconds = map(float, clock.groups())
            return _rounded(hours * 3600 + minutes * 60 + seconds)
        if not match or (match[2] and match[2].lower() not in _FACTORS[name]):
            return None
        number, factor = float(match[1]), _FACTORS[name].get(match[2].lower())
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 10**15:
        return None
    return _rounded(number * (_factor(name, field) if factor is None else factor))


@lru_cache(maxsize=256)
def _factor(name: str, field: str) -> float:
    """What the name of a field tells: ``queueTimeMs`` and ``queue_time_ms`` end with ``ms``."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])(?!B\b)", " ", field).lower(), re.ASCII)
    return next((_FACTORS[name][word] for word in reversed(words) if word in _FACTORS[name]), 1.0)


def _rounded(number: float) -> Optional[Number]:
    number = round(number, 6)
    if number >= _LARGEST:
        return None
    return int(number) if number.is_integer() else number
