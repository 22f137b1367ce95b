# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a role that ends sessions or deletes records, as data: plan, batches, and what became of each session.

``settings`` are what the step ``read`` found: the role's values, the host, and whether anything may be changed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.seats import with_results
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.refusals import limit_in_role_words
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION, TASKS, TIMELY
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.policies import figures_of, seats_of

Record = Mapping[str, Any]
Data = dict[str, Any]

Announce = Callable[[Sequence[Record], bool], Data]

_PLANNED = ("would_terminate", "would_delete", "not_tried")
_BAD = ("failed", "unknown", "not_tried")
_LOST = ("changed_since", "not_found")
_NOTICES = ("to_notify", "announced", "due")
_BATCHES, _LEAST_IN_A_BATCH = 6, 25  # a step takes some 0.6 s, whatever it ends
_ALIKE = 5  # so many failures in a row: the server is out


@dataclass(frozen=True)
class Words:
    """What a role does: the name of the list of those it did, their results, and words for messages.

    ``records``: the list of the module's result that has them.
    """

    list: str
    results: tuple[str, ...]
    skipped: tuple[str, ...]
    lost: tuple[str, ...]
    done: str
    what: str
    records: str = "sessions"


WORDS = {
    CLEANUP: Words(
        "terminated", ("interrupted", "terminated"), ("already_ended", *_LOST), _LOST, "ended", "planned sessions"
    ),
    # A record that has gone is what a deletion is for.
    RETENTION: Words("deleted", ("deleted",), _LOST, ("changed_since",), "deleted", "planned records"),
    TASKS: Words("deleted", ("deleted",), _LOST, ("changed_since",), "deleted", "planned tasks", "tasks"),
}


def plan_of(settings: Record, selection: Record, announce: Optional[Announce] = None) -> Data:
    """The batches to act on, each a list of records, and the limit that refuses them.

    ``changes``: whether they are to be acted on. Only then there are batches. ``ends``: how many could be acted on.
    ``notices``: what ``announce`` made, None without a notice.

    :param announce: given the planned sessions, and whether anything is changed, tells what the announcements allow.
    :raises RefusedError: if the selection gave no sessions: nothing is known then.
    """
    if not isinstance(selection.get(WORDS[settings["role"]].records), list):
        raise RefusedError(str(selection.get("msg") or "The step gave no results."))
    planned, _settled = _split(settings, selection)
    refused = _refused(settings, selection)
    changes = bool(settings["changes"]) and not refused
    notices = announce(planned, changes) if announce else None
    if notices is not None:
        due = set(map(_name_of, notices["due"]))
        planned = [one for one in planned if _name_of(one) in due]
    size = settings["given"]["batch_size"] or max(_LEAST_IN_A_BATCH, ceil(len(planned) / _BATCHES))
    batches = _batches(planned, size, selection.get("seats") or seats_of(selection)) if changes else []
    plan = {"refused": refused, "changes": changes, "batches": batches, "began": settings["began"]}
    return {**plan, "ends": len(planned), "notices": notices}


def parts_of(settings: Record, plan: Record) -> list[Data]:
    """The files of tasks that follow a plan, each with the ``number`` of its batch, from 0, and a ``label``.

    What is to be changed is shown before. Of a plan that is not to be applied all is shown at its end.
    """
    parts: list[Data] = (
        [{"file": "show.yml", "number": None, "label": "what is to be done"}] if settings["changes"] else []
    )
    parts += [{"file": "addresses.yml", "number": None, "label": "whom to notify"}] if plan.get("owners") else []
    of = len(plan["batches"])
    # Ansible takes the same file with the same label together: so the file with the logs does all of a batch.
    file = "archive.yml" if settings["given"].get("archive_logs") else "batch.yml"
    return parts + [{"file": file, "number": n, "label": f"batch {n + 1} of {of}"} for n in range(of)]


def _batches(planned: Sequence[Record], size: int, seats: Optional[Record]) -> list[list[Record]]:
    """The planned sessions in batches of ``size``, or of more where the sessions of a person would be parted."""
    persons = {
        name: number for number, one in enumerate((seats or {"people": ()})["people"]) for name in one["sessions"]
    }
    batches: list[list[Record]] = []
    for one in planned:
        person = persons.get(one["id"])
        together = bool(batches) and person is not None and persons.get(batches[-1][-1]["id"]) == person
        if batches and (together or len(batches[-1]) < size):
            batches[-1].append(one)
        else:
            batches.append([one])
    return batches


def with_saved_log(settings: Record, records: Sequence[Record], logs: Record) -> Data:
    """The ``sessions`` whose log was saved whole, or that never had one; ``unsaved``: the outcomes of the others, which
    must be left alone. ``files`` are the saved logs of the former. One that is gone or replaced is no failure."""
    done = WORDS[settings["role"]].done
    files = [one for one in logs.get("files") or () if one.get("verified")]
    others = [*(logs.get("not_saved") or ()), *(one for one in logs.get("files") or () if not one.get("verified"))]
    reasons = {_key_of(one): one for one in others}
    saved = {_key_of(one) for one in (*files, *(logs.get("without_log") or ()))} - set(reasons)
    unsaved = []
    for one in records:
        if (one["kind"], one["id"]) not in saved:
            told = reasons.get((one["kind"], one["id"]), {})
            why = told.get("msg") or logs.get("msg") or "no reason was given."
            lost = told.get("result")
            text = f"{why} Nothing was sent." if lost else f"Not {done}, as its log could not be saved: {why}"
            unsaved.append({**one, "result": lost or "not_tried", "msg": text})
    ready = [one for one in records if (one["kind"], one["id"]) in saved]
    return {"sessions": ready, "unsaved": unsaved, "files": files}


def _key_of(entry: Record) -> tuple[Any, Any]:
    return entry.get("kind"), entry.get("session_id")


def after_batch(
    before: Optional[Record], settings: Record, tried: Sequence[Record], batch: Record, archive: Optional[Record] = None
) -> Data:
    """The results of all batches up to this one.

    ``stopped``: the server is out, so that no other batch is tried, and nothing is added. ``trouble``: what failed in
    this batch.

    :param before: the results of the batches before; None at the first. :param tried: the sessions of this batch's
        step. :param batch: the result of that step. :param archive: ``unsaved`` of ``with_saved_log``, and ``files``.
    """
    if before and before["stopped"]:
        return {**before, "trouble": ""}
    before, archive = before or {}, archive or {}
    unsaved = list(archive.get("unsaved") or ())
    name = WORDS[settings["role"]].records
    skipped, sessions = bool(batch.get("skipped")), batch.get(name)
    if skipped:
        sessions = []
    elif not isinstance(sessions, list):
        text = f"The step gave no results: {batch.get('msg') or ''}"
        sessions = [{**one, "result": "unknown", "msg": text} for one in tried]
    outcomes = [*before.get("outcomes", []), *unsaved, *sessions]
    here = len(unsaved) + len(sessions)
    out = not skipped and (not isinstance(batch.get(name), list) or "not_tried" in (batch.get("summary") or {}))
    out = out or _all(outcomes[-_ALIKE:], _ALIKE, "failed")
    out = out or _all(outcomes[-max(_ALIKE, here) :], max(_ALIKE, here), "not_tried")
    bad = [one for one in (*unsaved, *sessions) if one["result"] in _BAD]
    return {
        "began": settings["began"],
        "outcomes": outcomes,
        "kept": [*before.get("kept", []), *(batch.get("kept") or ())],
        "archived": [*before.get("archived", []), *(archive.get("files") or ())],
        "stopped": out,
        "trouble": f"{len(bad)} of {here} failed. {bad[0].get('msg') or ''}".strip() if bad else "",
    }


def gathered(settings: Record, selection: Record, plan: Record, done: Optional[Record]) -> Data:
    """What the role has done: the public ``result``, and what the texts are made of.

    ``failure``: why the role fails, or empty. ``running``: the sessions that are still there as far as the listing of
    this run told; None where it made none, as with an earlier plan. ``stale``: how many of the listed ones were older
    than the limit before anything was ended; None likewise. ``unannounced``: how many of the planned ones have not been
    announced; None: they need not be. ``first_notice``: whether nothing is known of announcements of earlier runs.
    """
    words = WORDS[settings["role"]]
    done = done if plan["changes"] and done and done["began"] == settings["began"] else {}
    planned, settled = _split(settings, selection)
    outcomes = [*settled, *done.get("outcomes", [])]
    spared, notices = done.get("kept", []), plan["notices"]
    waiting = [_waiting(one) for one in notices["announced"]] if notices and plan["changes"] else []
    outcomes += _untried(planned, [*outcomes, *spared, *waiting]) if plan["changes"] else []
    result: Data = {
        "planned": [{**one, **_guards(settings, one)} for one in planned],
        words.list: _with_result(outcomes, words.results),
        "kept": [*selection["kept"], *waiting, *spared],
        "failed": _with_result(outcomes, _BAD),
        "skipped": _with_result(outcomes, words.skipped),
        "archived": done.get("archived", []),
        "unmatched_protections": selection.get("unmatched_protections"),
        "cutoff": selection.get("cutoff"),
        "report": settings["files"],
        **{name: notices[name] if notices else [] for name in (_NOTICES if settings["role"] == CLEANUP else ())},
    }
    if settings["role"] == CLEANUP:
        seats, told = selection.get("seats"), [*planned, *outcomes]
        result["seats"] = seats and with_results(seats, told, result["kept"])
        result["policies"] = figures_of(selection, result, told)
    found: Data = {"result": result, "refused": plan["refused"], "host": settings["host"], "began": settings["began"]}
    found.update(applied=bool(plan["changes"]), spared=spared, running=None, stale=None)
    found["unannounced"] = notices["unannounced"] if notices else None
    found["first_notice"] = bool(notices and notices["first"])
    if settings["role"] == CLEANUP and not settings["follows"]:
        found["running"] = _left(result, applied=found["applied"])
        found["stale"] = figures(settings, selection, [*planned, *selection["kept"]])["stale"]
    found["failure"] = _failure(settings, found, outcomes, settled)
    return found


def figures(settings: Record, selection: Record, sessions: Iterable[Record], cleanup: Optional[Record] = None) -> Data:
    """The overview of some sessions. What the module selected as stale is stale here too."""
    values = settings["given"]
    return overview(
        sessions,
        stale_after=values["older_than"],
        assumed=bool(selection.get("naive_timestamps")),
        cleanup=cleanup,
        age_from=values["age_from"],
        selected={(one["kind"], one["id"]) for one in _split(settings, selection)[0]},
    )


def merged(results: Sequence[Record], hosts: int) -> Any:
    """The results of a run as one: of one host as it is; of several each record with its host, each host once.

    :param results: what ``gathered`` made, or the report of running sessions, one of each host, perhaps repeated.
    """
    each = {one["host"]: one["result"] for one in results}
    if hosts == 1:
        return next(iter(each.values()))
    if all("running" in one for one in each.values()):
        return {
            "running": sum(one["running"] for one in each.values()),
            "stale": sum(one["stale"] for one in each.values()),
            "complete": all(one["complete"] for one in each.values()),
            "report": [one["report"] for one in each.values() if one["report"]],
            "accounts": [{**one, "host": host} for host, one in each.items()],
        }
    unmatched = [one["unmatched_protections"] for one in each.values()]
    lists = [name for name, value in next(iter(each.values())).items() if isinstance(value, list)]
    found: Data = {
        name: [{**record, "host": host} for host, one in each.items() for record in one[name]]
        for name in lists
        if name != "unmatched_protections"
    }
    # A protection may be meant for one account only: it is odd where no account has a match for it.
    common = set.intersection(*map(set, unmatched)) if None not in unmatched else None
    found["unmatched_protections"] = None if common is None else [one for one in unmatched[0] if one in common]
    found["cutoff"] = min((one["cutoff"] for one in each.values() if one["cutoff"]), default=None)
    found["report"] = [one["report"] for one in each.values() if one["report"]]
    if any("seats" in one for one in each.values()):
        found["seats"] = _merged_seats({host: one["seats"] for host, one in each.items() if one["seats"]})
    return found


def _merged_seats(each: Mapping[str, Record]) -> Optional[Data]:
    """The seats of several hosts: sums, all people with their host, and the figures of each host in ``accounts``."""
    names = ("active", "max", "to_free", "freed")
    accounts = [{"host": host, **{name: one[name] for name in names}} for host, one in each.items()]
    people = [{**person, "host": host} for host, one in each.items() for person in one["people"]]
    sums = {name: sum(one[name] for one in accounts) for name in names}
    return {**sums, "people": people, "accounts": accounts} if each else None


def _split(settings: Record, selection: Record) -> tuple[list[Record], list[Record]]:
    """The planned sessions of a selection, and those of an earlier plan that need nothing more or cannot be read."""
    records = selection[WORDS[settings["role"]].records]
    planned = [one for one in records if one.get("result") in _PLANNED]
    return planned, [one for one in records if one.get("result") not in _PLANNED]


def _guards(settings: Record, planned: Record) -> Data:
    """What an apply of the plan obeys too, as it depends on the time. Rules have it themselves, and are given again."""
    own = {name: settings["given"].get(name) for name in TIMELY} if not planned.get("policy") else {}
    return {name: value for name, value in own.items() if value is not None}


def _refused(settings: Record, selection: Record) -> str:
    """Why a limit refuses the plan, with the role's own variable; empty if none does."""
    if "not_tried" not in (selection.get("summary") or {}):
        return ""
    return limit_in_role_words(
        str(selection.get("msg") or "A limit was exceeded."), settings["role"], settings["given"]
    )


def _waiting(announced: Record) -> Data:
    """An announced session among those that a run kept."""
    return {**announced, "reason": "announced", "msg": f"It ends after {announced['due_at']} at the earliest."}


def _all(outcomes: Sequence[Record], number: int, result: str) -> bool:
    return len(outcomes) == number and all(one["result"] == result for one in outcomes)


def _untried(planned: Sequence[Record], outcomes: Sequence[Record]) -> list[Record]:
    """Outcomes of the planned sessions that have none."""
    told = set(map(_name_of, outcomes))
    text = "Not tried: what came before it failed."
    return [{**one, "result": "not_tried", "msg": text} for one in planned if _name_of(one) not in told]


def _name_of(record: Record) -> tuple[Any, Any]:
    """What is unique: kind and id of a session, index and id of a task."""
    return record.get("kind", record.get("group_index")), record["id"]


def _with_result(outcomes: Iterable[Record], results: Sequence[str]) -> list[Record]:
    return [one for one in outcomes if one["result"] in results]


def _left(result: Record, *, applied: bool) -> list[Record]:
    """The sessions that are still active, as far as is known: kept, not ended, or now those of somebody else."""
    others = [one for one in result["skipped"] if one["result"] == "changed_since" and one.get("active")]
    return [*result["kept"], *result["failed"], *others, *([] if applied else result["planned"])]


def _failure(settings: Record, found: Record, outcomes: Sequence[Record], settled: Sequence[Record]) -> str:
    words, result = WORDS[settings["role"]], found["result"]
    if found["refused"] and settings["changes"]:
        return str(found["refused"])
    planned, failed = result["planned"], result["failed"]
    if failed:
        number = len(planned) + len([one for one in settled if one["result"] in _BAD])
        named = ", ".join(one["id"] for one in failed[:5]) + (" and more" if len(failed) > 5 else "")
        return f"{len(failed)} of {number} {words.what} could not be {words.done}: {named}. {failed[0].get('msg')}"
    reviewed_and_kept = settings["follows"] and result["kept"]
    if outcomes and not reviewed_and_kept and all(one["result"] in words.lost for one in outcomes):
        reasons = ", ".join(sorted({one["result"].replace("_", " ") for one in outcomes}))
        text = f"None of the {len(outcomes)} {words.what} is there as planned ({reasons}): nothing was {words.done}."
        return f"{text} {outcomes[0]['id']}: {outcomes[0].get('msg') or ''}".strip()
    if settings["given"].get("fail_on_stale") and planned:
        if found["stale"] in (None, len(planned)):
            return f"{len(planned)} sessions are stale."
        return f"{len(planned)} of {found['stale']} stale sessions are planned to be ended."
    return ""
