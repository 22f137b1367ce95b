# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role says: lines for who watches, the JSON and the Markdown report. Pure.

``found`` is what ``role_outcomes.gathered`` made. A figure that the run does not know is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.plugin_utils import labels
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.texts import notice_lines
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import figures
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION, TASKS
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps import cost
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.key import key_remarks
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.policies import interrupted_first, policy_lines

Record = Mapping[str, Any]

_MAX_LINES, _MAX_ROWS, _MAX_NAMES = 20, 1000, 5
_TITLES = {CLEANUP: "Stale sessions", RETENTION: "Records of ended sessions", TASKS: "Tasks that ended long ago"}
_MARKUP = re.compile(r"[\\|`*~\[\]]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def plan_lines(settings: Record, selection: Record, found: Record) -> list[str]:
    """The plan, before anything is changed: all that an apply may end.

    Outside AWX no line but those of a refusal and a failure is wider than a terminal.
    """
    planned, kept = found["result"]["planned"], selection["kept"]
    lines = [labels.account(settings)]
    lines += _cleanup_lines(settings, selection, found) if settings["role"] == CLEANUP else []
    if settings["role"] != CLEANUP:
        every = len(planned) + len(kept)
        old = "ended tasks are old" if settings["role"] == TASKS else "ended sessions have old records"
        lines.append(f"{len(planned)} of {every} {old} (cutoff {selection.get('cutoff')})")
    reasons = Counter(one["reason"] for one in kept)
    lines += [f"{number} kept as {reason.replace('_', ' ')}" for reason, number in sorted(reasons.items())]
    unmatched = found["result"]["unmatched_protections"] or ()
    thing = "task" if settings["role"] == TASKS else "session"
    lines += [f"no {thing} matches the protection {labels.clean(name, 30)}" for name in unmatched[:_MAX_NAMES]]
    lines += [f"nor {len(unmatched) - _MAX_NAMES} other protections"] if len(unmatched) > _MAX_NAMES else []
    lines += _remarks(settings, planned)
    lines += _seat_lines(found["result"].get("seats"))
    limit = settings["limits"].get("max_tasks" if settings["role"] == TASKS else "max_sessions")
    most = max(_MAX_LINES, limit or 0)  # what may be approved is seen
    lines += [session_line(one, wide=settings["in_awx"]) for one in planned[:most]]
    if len(planned) > most:
        lines.append(f"... and {len(planned) - most} more")
    return [*lines, found["refused"]] if found["refused"] and settings["changes"] else lines


def outcome_lines(settings: Record, found: Record) -> list[str]:
    """What became of the planned sessions."""
    result = found["result"]
    number, failed, skipped = (len(result[name]) for name in ("planned", "failed", "skipped"))
    if settings["role"] == CLEANUP:
        ended, gentle, gone = len(result["terminated"]), _interrupted(result), "had ended, gone or changed"
        number = number if found.get("unannounced") is None else len(result["due"])
        lines = [f"{ended} of {number} ended, {gentle} by interrupt and {ended - gentle} by force"]
        lines += cost.stopped_lines(cost.stopped(result["terminated"]))
    else:
        what = "tasks" if settings["role"] == TASKS else "records"
        lines, gone = [f"{len(result['deleted'])} of {number} {what} deleted"], "had gone or changed"
    if result.get("seats"):
        lines.append(f"{result['seats']['freed']} of {result['seats']['to_free']} seats freed")
    lines += [f"{failed} failed"] if failed else []
    lines += [f"{skipped} skipped, as they {gone}"] if skipped else []
    lines += [f"{len(result['announced'])} wait for their notice to be over"] if result.get("announced") else []
    spared = Counter(one["reason"].replace("_", " ") for one in found.get("spared", ()))
    lines += [f"{number} of them kept after all: {reason}" for reason, number in sorted(spared.items())]
    return lines + ([f"{len(result['archived'])} {_saved(settings)} saved"] if _saves(settings) else [])


def _seat_lines(seats: Optional[Record]) -> list[str]:
    """How many people are too many, and whose sessions are to be ended."""
    if not seats:
        return []
    lines = [_seat_figures(seats)]
    for one in seats["people"][:_MAX_LINES]:
        sessions = f"{len(one['sessions'])} session{'s' * (len(one['sessions']) > 1)}"
        lines.append(
            f"{labels.clean(one['owner'], 23):<24} {sessions}, active until {labels.utc_time(one['active_at'])}"
        )
    return lines + (
        [f"... and {len(seats['people']) - _MAX_LINES} more people"] if seats["people"][_MAX_LINES:] else []
    )


def _seat_figures(seats: Record) -> str:
    number = len(seats["people"])
    return (
        f"{seats['active']} people for {seats['max']} seats: {seats['to_free']} to free, {number} of them by this plan"
    )


def figure_lines(found: Record) -> list[str]:
    """What runs. :param found: an overview."""
    number, older = found["running"], found["stale"]
    lines = [
        labels.account(found),
        f"{number} sessions run or wait, {older} of them are older than {found['stale_after']}",
    ]
    lines += [f"{one['running']} of kind {one['name']}, {one['stale']} of them older" for one in found["by_kind"]]
    lines += cost.queue_lines(found["queue"]) + cost.cost_lines(found.get("costs"))
    return [*lines, *map(session_line, found["oldest"])]


def session_line(session: Record, *, wide: bool = False) -> str:
    """A session on a short line; ``wide``: with all that tells it apart, as who approves a plan must see."""
    owner, app = str(session["owner"] or "?"), str(session["app_name"] or "?")
    first = f"{session.get('kind', 'task'):<5} {labels.short_age(session['age_seconds']):>6} "
    if wide:
        app = f"{app} {session.get('app_version') or ''}".strip()
        texts = [labels.clean(text, 200) for text in (owner, app)]
        run = f"/{session['group_index']}" if "group_index" in session else ""
        return f"{first} {texts[0]:<25}  {texts[1]:<25}  {session['id']}{run}"
    return f"{first} {owner[:19]:<19} {app[:15]:<15} {session['id'][:12]}*"


def json_report(settings: Record, found: Record, written_at: str) -> dict[str, Any]:
    """The report for programs."""
    values = settings["given"]
    report = {"host": settings["host"], "account": settings["account"], "written_at": written_at}
    report.update(applied=values["apply"], refused=found["refused"], key=settings.get("key"))
    if settings["role"] == CLEANUP:
        age_from = None if settings["follows"] else values["age_from"]
        report.update(followed_a_plan=settings["follows"], age_from=age_from)
        report.update({name: values[name] for name in ("quiet_for", "interrupt_tasks", "notice")})
        report.update(stopped=cost.stopped(found["result"]["terminated"]))
    return {**report, **found["result"]}


def markdown_report(settings: Record, found: Record, written_at: str) -> str:
    """The report for people, in Markdown."""
    result, cleanup = found["result"], settings["role"] == CLEANUP
    title = _TITLES[settings["role"]]
    lines = [f"# {title}: {_cell(settings['account'] or settings['host'])}", ""]
    lines += [f"Written {written_at.replace('T', ' ').rstrip('Z')} UTC.", *_meaning(settings, result), ""]
    if result["unmatched_protections"]:
        names = ", ".join(map(_cell, result["unmatched_protections"]))
        thing = "task" if settings["role"] == TASKS else "session"
        lines += [f"**No {thing} matches these protections: {names}.**", ""]
    if found["refused"]:
        lines += [f"**{_cell(found['refused'])}**", ""]
    if not settings["given"]["apply"]:
        lines += ["This is a plan: nothing was changed.", ""]
    if result.get("seats"):
        lines += [*_seat_table(result["seats"]), ""]
    if result.get("policies"):
        lines += [*_policy_table(result["policies"]), ""]
    columns = _columns(settings, result)
    lines += [_row(columns), _row(["---"] * len(columns)), _row(columns.values())]
    for heading, sessions, name in _parts(settings, found):
        if sessions:
            lines += ["", f"## {heading}", "", *_table(sessions, name, ended=not cleanup)]
    if result["archived"]:
        lines += ["", f"## Saved {_saved(settings)}", "", *_files(result["archived"])]
    return "\n".join([*lines, ""])


def cleanup_page(settings: Record, found: Record, selection: Record, report: Record) -> dict[str, Any]:
    """The page of a cleanup: what still runs, as far as this run listed it, and what was done."""
    if found["running"] is None:
        made = {**overview([], settings["given"]["older_than"], cleanup=report), "listed": False}
    else:
        made = figures(settings, selection, found["running"], report)
    return {
        **made,
        **_heading(settings, report["written_at"], {"json": settings["files"]["json"]} if settings["files"] else {}),
        "remarks": [*cleanup_remarks(settings), *_seat_remarks(found["result"].get("seats"))],
    }


def list_page(settings: Record, listed: Record, written_at: str) -> dict[str, Any]:
    """The report of what runs. :param listed: the result of ``aimms_session_info``."""
    naive = bool(listed.get("naive_timestamps"))
    made = overview(listed["sessions"], settings["given"]["stale_after"], naive, settings["cleanup"]["report"])
    return {
        **made,
        **_heading(settings, written_at, settings["files"] or {}),
        "server_time": listed.get("server_time"),
        "complete": listed["complete"],
        "key": settings.get("key"),
        "costs": listed.get("costs"),
        "remarks": list_remarks(settings, listed),
    }


def _heading(settings: Record, written_at: str, files: Mapping[str, str]) -> dict[str, Any]:
    names = {name: path.rpartition("/")[2] for name, path in files.items()}
    account = str(settings["account"])
    portal = account if "." in account else f"{account}.aimms.cloud"
    return {"host": settings["host"], "account": account, "portal": portal, "written_at": written_at, "files": names}


def _seat_remarks(seats: Optional[Record]) -> list[str]:
    """The seats, and each person that was chosen, for the top of the page."""
    if not seats:
        return []
    named = [f"{labels.clean(one['owner'], 60)}: {labels.seat(one)}" for one in seats["people"][:_MAX_LINES]]
    named += [f"{len(seats['people']) - _MAX_LINES} more"] if seats["people"][_MAX_LINES:] else []
    return [f"{_seat_figures(seats)}. {seats['freed']} were freed.", *(["; ".join(named)] if named else [])]


def cleanup_remarks(settings: Record) -> list[str]:
    """Sentences at the top of the page of a cleanup."""
    if settings["follows"]:
        text = "This run followed an earlier plan and listed no other sessions: how many run is not known."
        return [text, *settings["plan_notes"], *key_remarks(settings.get("key"))]
    values = settings["given"]
    remarks = [*key_remarks(settings.get("key"))]
    remarks += [f"Only these kinds: {', '.join(values['kinds'])}."] if values["kinds"] else []
    if values["age_from"] == "started":
        remarks.append("Stale is what started longer ago than that. The ages count from the creation.")
    return remarks


def list_remarks(settings: Record, listed: Record) -> list[str]:
    """Sentences at the top of the page of what runs. :param listed: the result of ``aimms_session_info``."""
    values, cleanup, naive = settings["given"], settings["cleanup"], listed.get("naive_timestamps")
    remarks = [] if listed["complete"] else ["The list of sessions is not complete: the server did not give all of it."]
    remarks += key_remarks(settings.get("key"))
    remarks += [
        f"Only these {name}: {', '.join(values[name])}." for name in ("kinds", "owners", "apps") if values[name]
    ]
    if naive:
        remarks.append(
            f"The times of {naive} sessions name no zone: they are read as UTC, so a session counts as stale 12 hours "
            "later."
        )
    if cleanup["place"] and cleanup["report"] is None:
        remarks.append(f"There is no report of a cleanup yet at {cleanup['place']}.")
    return remarks


def _cleanup_lines(settings: Record, selection: Record, found: Record) -> list[str]:
    planned, kept = found["result"]["planned"], selection["kept"]
    if settings["follows"]:
        every = len(selection["sessions"]) + len(kept)
        lines = [f"{len(planned)} of {every} sessions of the earlier plan are to be ended", *settings["plan_notes"]]
        settled = Counter(one["result"] for one in selection["sessions"] if one not in planned)
        words = {result: "cannot be read" if result == "failed" else result.replace("_", " ") for result in settled}
        lines += [f"{number} {words[result]}" for result, number in sorted(settled.items())]
        return lines + notice_lines(found)
    active = len(planned) + len(kept)
    lines = [f"{found['stale']} of {active} active sessions are stale (cutoff {selection.get('cutoff')})"]
    if found["result"]["policies"]:
        lines = [f"{len(planned)} of {active} active sessions are to be ended by policies"]
        lines += policy_lines(found["result"]["policies"])
    elif found["stale"] != len(planned):
        lines.append(f"{len(planned)} of the stale ones are planned to be ended")
    lines += notice_lines(found)
    owners = {one["owner"] for one in (*planned, *kept)}
    if len(owners) == 1 and any(owners) and not (settings.get("key") or {}).get("administrator"):
        lines.append(f"all are of {next(iter(owners))}; a user's key sees no others")
    return lines + (["their age counts from their start"] if settings["given"]["age_from"] == "started" else [])


def _remarks(settings: Record, planned: Sequence[Record]) -> list[str]:
    values = settings["given"]
    if settings["role"] != CLEANUP:
        what = "responses and logs" if settings["role"] == TASKS else "logs"
        return [f"{len(planned)} {what} to be saved first"] if planned and _saves(settings) else []
    lines = [f"{len(planned)} silent for {values['quiet_for']}"] if values["quiet_for"] else []
    ways = interrupted_first(settings, planned)
    return lines + [f"{ways[way]} may have tasks, which are interrupted first ({way})" for way in ways]


def _interrupted(result: Record) -> int:
    return sum(one["result"] == "interrupted" for one in result["terminated"])


def _meaning(settings: Record, result: Record) -> list[str]:
    values = settings["given"]
    if settings["role"] != CLEANUP:
        if settings["role"] == TASKS:
            return [
                f"Old is what {'ended' if values['older_than'] is None else 'was created'} before {result['cutoff']}."
            ]
        return [f"Old is the record of what ended before {result['cutoff']}."]
    began = "started" if values["age_from"] == "started" else "created"
    first = f"Stale is what was {began} before {result['cutoff']}."
    if result["policies"]:
        first = "The first policy that matches a session decides about it."
    if settings["follows"]:
        first = "Planned is what an earlier run planned, as far as it was still the same and active."
        first = " ".join([first, *map(_cell, settings["plan_notes"])])
    if values.get("notice"):
        first += f" It is ended only if it was announced {_cell(values['notice'])} before."
    return [first, *([f"Its log was silent for {_cell(values['quiet_for'])}."] if values["quiet_for"] else [])]


def _columns(settings: Record, result: Record) -> dict[str, int]:
    """The figures of the report, by heading."""
    if settings["role"] == CLEANUP:
        gentle = _interrupted(result)
        done = {"interrupted": gentle, "forced": len(result["terminated"]) - gentle}
    else:
        done = {"deleted": len(result["deleted"])}
    others = {name: len(result[name]) for name in ("failed", "skipped", "kept")}
    saved = {f"{_saved(settings)} saved": len(result["archived"])}
    noticed = settings["given"].get("notice") is not None
    notices = {name: len(result[name]) for name in ("announced", "due")} if noticed else {}
    return {"planned": len(result["planned"]), **notices, **done, **others, **saved}


def _parts(settings: Record, found: Record) -> list[tuple[str, Sequence[Record], str]]:
    """The tables of the report: heading, sessions, and the field that explains each."""
    result = found["result"]
    if settings["role"] != CLEANUP:
        done, gone = [("Deleted", result["deleted"], "")], "gone"
    else:
        gentle = [one for one in result["terminated"] if one["result"] == "interrupted"]
        forced = [one for one in result["terminated"] if one["result"] != "interrupted"]
        done, gone = [("Terminated by interrupt", gentle, "msg"), ("Terminated by force", forced, "msg")], "ended, gone"
    return [
        ("Failed", result["failed"], "msg"),
        *done,
        ("Planned", [] if found["applied"] else result["planned"], ""),
        ("Announced: the time each may end", result.get("announced", ()), "due_at"),
        (f"Skipped: {gone} or changed before their turn", result["skipped"], "msg"),
        ("Kept", [one for one in result["kept"] if one["reason"] != "announced"], "reason"),
    ]


def _table(sessions: Sequence[Record], name: str, *, ended: bool) -> list[str]:
    first = "kind" if any("kind" in one for one in sessions) else "run"
    ruled = any(one.get("policy") for one in sessions)
    headings = [first, "id", "owner", "app", "created", "ended" if ended else "age"]
    headings += [*(["policy"] if ruled else []), *(["why"] if name else [])]
    lines = [_row(headings), _row(["---"] * len(headings))]
    for one in sessions[:_MAX_ROWS]:
        last = one.get("ended_at") or "?" if ended else labels.short_age(one["age_seconds"])
        app = f"{one['app_name'] or ''} {one['app_version'] or ''}"
        cells = [one.get("kind", one.get("group_index")), one["id"], one["owner"], app, one["created_at"], last]
        lines.append(_row([*cells, *([one.get("policy")] if ruled else []), *([one.get(name)] if name else [])]))
    if len(sessions) > _MAX_ROWS:
        lines += ["", f"... and {len(sessions) - _MAX_ROWS} more, see the JSON report."]
    return lines


def _policy_table(rules: Sequence[Record]) -> list[str]:
    headings = ["policy", "action", "planned", "ended", "failed", "skipped", "kept", "what is odd"]
    rows = [
        [one["name"], one["action"], one["planned"], one["terminated"], one["failed"], one["skipped"], one["kept"]]
        for one in rules
    ]
    notes = [" ".join(one["notes"]) for one in rules]
    return [_row(headings), _row(["---"] * len(headings)), *(_row([*row, note]) for row, note in zip(rows, notes))]


def _seat_table(seats: Record) -> list[str]:
    headings = ["person", "sessions", "last active", "what became of them", "why"]
    rows = [
        _row([one["owner"], len(one["sessions"]), labels.utc_time(one["active_at"]), labels.seat(one), one["msg"]])
        for one in seats["people"][:_MAX_ROWS]
    ]
    table = ["", _row(headings), _row(["---"] * len(headings)), *rows] if rows else []
    return [f"{_seat_figures(seats)}. {seats['freed']} were freed.", *table]


def _files(entries: Iterable[Record]) -> list[str]:
    entries = [{"kind": one.get("part"), "session_id": one.get("task_id"), **one} for one in entries]
    headings = ["part" if any(one.get("part") for one in entries) else "kind", "id", "file", "bytes", "lines"]
    headings.append("secrets hidden")
    rows = [
        _row([one["kind"], one["session_id"], one["path"], one["size"], one["lines"], one["redactions"]])
        for one in entries
    ]
    return [_row(headings), _row(["---"] * len(headings)), *rows]


def _saves(settings: Record) -> bool:
    """Whether the role saves what it ends or deletes."""
    return bool(settings["given"]["archive" if settings["role"] == TASKS else "archive_logs"])


def _saved(settings: Record) -> str:
    return "files" if settings["role"] == TASKS else "logs"


def _row(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: Any) -> str:
    """Text of a server in a cell: no markup, link or image, and no other column."""
    plain = "" if text in (None, "") else " ".join(labels.clean(text, 2000).split())
    return _MARKUP.sub(r"\\\g<0>", plain.replace("&", "&amp;").replace("<", "&lt;"))
