# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, checked and read once: lists, booleans and numbers in every spelling of people. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, Optional
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import address_key
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_list import names_from
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import address_from
from ansible_collections.aimms.cloud.plugins.module_utils.models import states
from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import planned_at
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso

Spec = Mapping[str, Mapping[str, Any]]
Values = dict[str, Any]

CLEANUP, RETENTION, REPORT = "stale_session_cleanup", "session_retention", "session_report"
TASKS = "task_retention"
FORMATS = ("html", "json", "csv")
NEVER = "never"

_TRUE = {"1", "on", "t", "true", "y", "yes"}
_FALSE = {"0", "off", "f", "false", "n", "no"}
_NUMBER = re.compile(r"\A[+-]?[0-9]{1,9}\Z")
_NUMBERS_WITHOUT_DEFAULT = ("max_active", "max_seats", "max_per_owner", "keep_versions")
_DURATIONS = ("key_warning", "older_than", "quiet_for", "grace_period", "ended_before", "stale_after", "notice")
SELECTING = {  # the options of the role's module that are given as they are
    CLEANUP: "kinds older_than age_from owners apps app_versions",
    RETENTION: "kinds ended_before owners apps app_versions",
    REPORT: "kinds owners apps app_versions keep_versions naive_timezone",
    TASKS: "older_than ended_before states owners apps app_versions",
}
_ALWAYS = "protect_owners protect_apps protect_session_ids protect_task_ids naive_timezone"
_GENTLY = "quiet_for task_activity interrupt_tasks grace_period interrupt_fallback"
_LIMITS = "max_sessions max_tasks max_percent max_per_owner"
_MAY_BE_BLANK = ("batch_size", "naive_timezone", "metrics_url", "metrics_user")
"""Variables without a default that neither select nor guard. All others are never an empty text outside of AWX."""
TIMELY = ("quiet_for", "notice")
"""What holds at the moment of an end. The sessions of a plan have it, so that an apply of the plan obeys it."""
_OF_ALL = ("max_active", "keep_versions")  # what all sessions together decide
DISTINCT = {*_LIMITS.split(), *_NUMBERS_WITHOUT_DEFAULT, *_DURATIONS} - {"notice"}
"""Options whose names alone tell what is meant."""


def read_values(role: str, spec: Spec, given: Mapping[str, Any], in_awx: bool) -> Values:
    """The value of each option of a role, without the role's prefix; None for what is not given and has no default.

    :param given: the variables that begin with the role's name, as templates made them; without what is omitted.
    :param in_awx: null is what an unanswered question of a survey becomes: it counts as not given there.
    :raises OptionError: for a variable that the role does not have, and for a value that cannot be read in one way.
    """
    unknown = sorted(set(given) - set(spec) - {f"{role}_result"})
    if unknown:
        endings = [name[len(role) :] for name in spec]
        close = [role + one for name in unknown for one in get_close_matches(name[len(role) :], endings, 1, 0.8)]
        known = f"Perhaps {' and '.join(close)} is meant." if close else f"It has {', '.join(sorted(spec))}."
        raise OptionError(f"{', '.join(unknown)}: the role has no such variable.", known)
    prefix = f"{role}_"
    values = {
        name[len(prefix) :]: read_value(name, name[len(prefix) :], entry, given[name], in_awx)
        if name in given
        else entry.get("default")
        for name, entry in spec.items()
        if name != f"{prefix}plan"  # it is read apart, as rules are
    }
    _check_numbers(role, values)
    _check_notice(role, values)
    if values.get("max_seats") is not None:  # a seat is of a person with a WebUI session
        if values["max_active"] is not None or (values["kinds"] or ["webui"]) != ["webui"]:
            raise OptionError(
                f"{role}_max_seats: it counts people with WebUI sessions, so it goes neither with other kinds nor with "
                f"{role}_max_active."
            )
        values["kinds"] = ["webui"]
    return values


def truth(value: Any, option: str) -> bool:
    """True or false, in every spelling that Ansible takes for them.

    :raises OptionError: for every other value.
    """
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, (bool, int, float)) and word in (0, 1):
        return bool(word)
    if isinstance(word, str) and word in _TRUE | _FALSE:
        return word in _TRUE
    raise OptionError(f"{option}: {_told(value)} is neither true nor false.")


def is_blank(value: Any) -> bool:
    """Whether it is a text of blanks only."""
    return isinstance(value, str) and not value.strip()


def selection_of(role: str, values: Values, records: Optional[Sequence[Any]] = None) -> Values:
    """The options of the role's module that select, protect and say how to change: the same for plan and batches.

    :param records: the sessions of an earlier plan. They were reviewed, so that what selects does not hold, and all
        kinds of sessions are meant.
    """
    names = "" if records is not None else SELECTING[role]
    if role != REPORT:
        names += f" {_ALWAYS}"
    if role == CLEANUP:
        names += f" {_GENTLY}"
    found = {name: values[name] for name in names.split() if values.get(name) is not None}
    if records is not None:
        found["kinds"] = list(states.KINDS) if values.get("max_seats") is None else ["webui"]
    if role == REPORT:
        found["states"] = sorted(states.ACTIVE_STATES | states.EARLY_STATES | states.ENDING_STATES)
    return found


def limits_of(role: str, values: Values, records: Optional[Sequence[Any]] = None) -> Values:
    """The options of the role's module that hold for the whole plan only."""
    found = {name: values[name] for name in (*_LIMITS.split(), "max_seats") if values.get(name) is not None}
    if records is not None:
        return {**found, "sessions": list(records)}
    return {**found, **{name: values[name] for name in _OF_ALL if values.get(name) is not None}}


def planned_records(plan: Any, host: str, option: str, told: str = "") -> list[Any]:
    """The sessions of an earlier plan that are for ``host``: those that name it, and those that name no host.

    :param plan: the report or the result of a run, or a list of records. :param told: how it was given.
    :raises OptionError: if it is no plan.
    """
    records = plan.get("planned") if isinstance(plan, Mapping) else plan
    if not isinstance(records, (list, tuple)) or not all(isinstance(one, Mapping) for one in records):
        raise OptionError(
            f"{option}: {shown(told, 200) or 'what was given'} is no plan.",
            "It must have the list 'planned' of session records, as reports and results of this role have, "
            "or be such a list.",
        )
    return [dict(one) for one in records if one.get("host", host) == host]


def planned_seats(plan: Any, host: str) -> Optional[int]:
    """``max_seats`` of an earlier plan for ``host``, which holds where the plan is followed; None: it was not given."""
    told = plan.get("seats") if isinstance(plan, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    each = told["accounts"] if isinstance(told.get("accounts"), list) else [{**told, "host": host}]
    own = next((one for one in each if isinstance(one, Mapping) and one.get("host") == host), {})
    return None if own.get("max") is None else _number(own["max"], "seats")


def planned_guards(records: Sequence[Mapping[str, Any]], option: str) -> Values:
    """``quiet_for`` and ``notice`` of an earlier plan, which hold where it is followed: the longest that records tell.

    :raises OptionError: for what is no duration.
    """
    found: Values = {}
    for name in TIMELY:
        told = {str(one[name]): parse_duration(str(one[name]), f"{option}: {name}") for one in records if one.get(name)}
        longest = max(told, key=lambda text: told[text], default="")
        found.update({name: longest} if longest else {})
    return found


def plan_notes(plan: Any, records: Sequence[Mapping[str, Any]], now: float) -> list[str]:
    """Sentences about an earlier plan: its age, its account, and whether it was applied before.

    :param records: its sessions for this host. :param now: seconds since 1970.
    """
    made, urls = planned_at(records), sorted({str(one["url"]) for one in records if one.get("url")})
    notes = []
    if made is not None:
        days, hours = divmod(max(0, int(now - made)) // 3600, 24)
        notes.append(f"The plan was made {days} days and {hours} hours ago, at {iso(made)}.")
    if records:
        notes.append(f"It is for {', '.join(urls)}." if urls else "It does not say for which account it was made.")
    if isinstance(plan, Mapping) and (plan.get("terminated") or (plan.get("applied") and not plan.get("refused"))):
        notes.append("It has been applied before: what ended then is skipped.")
    return notes


def account_address(connection: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """What tells the account from all others, also from those behind the same host; empty if it is not given."""
    account, url = _connected(connection, environment)
    return address_key(url or (account and f"https://{account}.aimms.cloud"))


def account_name(connection: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The account's own name: what ``account`` says, or the host of ``url``, which wins; empty if neither is given."""
    account, url = _connected(connection, environment)
    return urlsplit(url).netloc.rpartition("@")[2] if url else account


def _connected(connection: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str]:
    """``account`` and ``url``, each empty if it is not given."""
    ambient = {name: environment.get(f"AIMMS_{name.upper()}") for name in ("account", "url")}
    address = address_from(connection, ambient)
    return str(address["account"] or "").strip(), str(address["url"] or "").strip()


def file_stem(host: str) -> str:
    """The name of a host's files, without an ending. No two hosts have the same one.

    A name that had to be altered for a file has a part of its checksum. ``index`` is the page over all accounts.
    """
    text = re.sub(r"[^A-Za-z0-9._-]", "_", host)[:100]
    unchanged = text == host and text.strip(".") and text.lower() != "index"
    return text if unchanged else f"{text}-{hashlib.sha256(host.encode()).hexdigest()[:8]}"


def foreign_defaults(
    role: str, spec: Spec, defaults: Sequence[Mapping[str, Any]], connection: Mapping[str, Any]
) -> Values:
    """Connection options of the play's ``module_defaults`` for the collection's group, without the key.

    :param spec: the variables of the role.
    :param connection: what the role's variables say; ``api_key`` is there when its variable is set.
    :raises OptionError: for any other default of a module that the role runs: Ansible would replace it by the role's
        own, so a protection in it would be lost.
    """
    found: Values = {}
    for name, options in ((name, options) for one in defaults for name, options in one.items()):
        if not _concerns(role, name) or not options:
            continue
        if not name.startswith("group/") or not isinstance(options, Mapping):
            _refuse_defaults(role, name, "its options")
        if options.get("api_key") and not connection.get("api_key"):
            _refuse_defaults(role, name, "api_key", "aimms_api_key")
        other = sorted(set(options) - set(_CONNECTION) - {"api_key"})
        if other:
            own = [f"{role}_{option}" for option in other if f"{role}_{option}" in spec]
            _refuse_defaults(role, name, ", ".join(other), ", ".join(own) or "the variables of the role")
        found.update({key: value for key, value in options.items() if key != "api_key"})
    return found


_CONNECTION = "account url validate_certs ca_path timeout retries max_time api_generation page_size".split()
CONNECTION_VARIABLES = {f"aimms_{name}": name for name in _CONNECTION}


def _concerns(role: str, name: str) -> bool:
    last = name.rpartition(".")[2].rpartition("/")[2]
    return (
        last == "aimms"
        if name.startswith("group/")
        else last.startswith("aimms_task_delete" if role == TASKS else "aimms_session_")
    )


def _refuse_defaults(role: str, name: str, what: str, instead: str = "the variables of the role") -> NoReturn:
    raise OptionError(
        f"module_defaults of the play have {what} for {name}: the role {role} would not see it.",
        f"Set {instead} instead, and run the role in a play without these defaults.",
    )


def read_value(variable: str, name: str, entry: Mapping[str, Any], value: Any, in_awx: bool) -> Any:
    """The value of one variable, as ``read_values``. :param name: without the role. :param entry: its specification."""
    kind, default = entry["type"], entry.get("default")
    guards = "default" not in entry and entry["type"] != "path" and name not in _MAY_BE_BLANK
    if is_blank(value) and guards and not in_awx:
        raise OptionError(f"{variable}: an empty text is refused, as more could end than was meant.", "Leave it out.")
    if is_blank(value) or (value is None and (in_awx or _null_is_default(entry))):
        return default
    if value is None:
        raise OptionError(f"{variable}: null is refused, as it may mean more than was meant.", "Leave it out instead.")
    if kind == "bool":
        return truth(value, variable)
    if kind == "list":
        names = names_from(value, variable)
        return None if names is None else list(names)
    if kind == "int" or name in _NUMBERS_WITHOUT_DEFAULT:
        return _number(value, variable)
    if isinstance(value, (Mapping, list, tuple, set)) or (isinstance(value, bool) and name != "key_warning"):
        raise OptionError(f"{variable}: {_told(value)} is not a text.")
    text = str(value).strip()
    if name == "key_warning" and text.lower() in (NEVER, *_FALSE):
        return NEVER
    if name in _DURATIONS:
        parse_duration(text, variable)
    return text


def _null_is_default(entry: Mapping[str, Any]) -> bool:
    """Whether null is as good as leaving it out: a file is not written then, or a text has a default."""
    return entry["type"] == "path" or (entry["type"] == "str" and "default" in entry)


def _number(value: Any, variable: str) -> int:
    is_whole = isinstance(value, float) and value.is_integer()
    if is_whole or (isinstance(value, int) and not isinstance(value, bool)):
        return int(value)
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return int(value)
    raise OptionError(f"{variable}: {_told(value)} is not a whole number.")


def _check_numbers(role: str, values: Values) -> None:
    size = values.get("batch_size")
    if size is not None and size < 1:
        raise OptionError(f"{role}_batch_size: must be at least 1, not {size}.")
    for name in (*_LIMITS.split(), "max_active", "max_seats"):
        if (values.get(name) or 0) < 0:
            raise OptionError(f"{role}_{name}: must not be negative.")
    wanted = values.get("formats")
    if role == REPORT and (not wanted or set(wanted) - set(FORMATS)):
        raise OptionError(f"{role}_formats: must be some of {', '.join(FORMATS)}, not {', '.join(wanted or ())}.")
    if role == TASKS and values["apply"] and values["archive"] and not values["archive_dir"]:
        raise OptionError(
            f"{role}_archive_dir: is needed, as response and log are saved before their task is deleted.",
            f"To delete without saving them, set {role}_archive to false.",
        )
    if values.get("archive_logs") and not values["archive_dir"]:
        if role == CLEANUP:
            raise OptionError(f"{role}_archive_dir: is needed with {role}_archive_logs.")
        if values["apply"]:
            raise OptionError(
                f"{role}_archive_dir: is needed, as the logs are saved before their records are deleted.",
                f"To delete without saving them, set {role}_archive_logs to false.",
            )


def _check_notice(role: str, values: Values) -> None:
    notice = values.get("notice")
    if notice is not None and parse_duration(notice, f"{role}_notice") == 0:
        raise OptionError(f"{role}_notice: must be longer than 0.", "Leave it out to end sessions without a notice.")


def check_notice_file(role: str, values: Values) -> None:
    """:raises OptionError: for a file of announcements where no session is announced."""
    if values.get("notice") is None and values.get("notice_file"):
        raise OptionError(f"{role}_notice: is needed with {role}_notice_file, or nobody is told before a session ends.")


def _told(value: Any) -> str:
    return f"'{shown(str(value))}'"
