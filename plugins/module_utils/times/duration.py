# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations with units. Pure."""

from __future__ import annotations

import re

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError

_SECONDS = (604800, 86400, 3600, 60, 1)  # of a week, day, hour, minute and second
# No capital M: 1M would be a month to some.
_WITH_UNITS = re.compile(r"\A(?:(\d+)[wW])?(?:(\d+)[dD])?(?:(\d+)[hH])?(?:(\d+)m)?(?:(\d+)[sS])?\Z", re.ASCII)
_ISO = re.compile(r"\AP(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\Z", re.ASCII | re.IGNORECASE)
_LONGEST = 100 * 366 * 86400
_FORMS = "Use a number with a unit, such as 90s, 45m, 8h, 2d, 1w, 1d12h, or ISO 8601 such as PT8H."


def parse_duration(text: object, option: str) -> int:
    """The duration in seconds.

    :param option: the name of the option, for the message.
    :raises OptionError: for a number without a unit, anything else that is no duration, and more than a century.
    """
    value = str(text).strip()
    if value.isdigit():
        raise OptionError(f"{option}: '{value}' has no unit.", _FORMS)
    match = _WITH_UNITS.match(value) or _ISO.match(value)
    if not match or not any(match.groups()):
        raise OptionError(f"{option}: '{value}' is not a duration.", _FORMS)
    if any(len(number) > 10 for number in match.groups() if number):
        raise OptionError(f"{option}: '{value}' is longer than a century.")
    seconds = sum(int(number or 0) * unit for number, unit in zip(match.groups(), _SECONDS))
    if seconds > _LONGEST:
        raise OptionError(f"{option}: '{value}' is longer than a century.")
    return seconds
