# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every answer that a change may get, from the service or from something before it, and what is said then.

Each answer: the service acted at once, seconds later, or not at all; with and without waiting. Proves rules 7, 23, 25.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from plays import Ansible, results_of, terminate

TAKEN, REFUSED, ELSEWHERE, OPEN = "taken", "refused", "refused by another", "open"
LATER = 2.5  # seconds
ANSWERS: dict[str, tuple[str, str]] = {
    "object-200-json": ("object-200-json", TAKEN),
    "empty-200": ("empty-200", TAKEN),
    "empty-202": ("empty-202", TAKEN),
    "empty-204": ("empty-204", TAKEN),
    "text OK": ("ok-200-text", TAKEN),
    "JSON text": ("ok-200-json", TAKEN),
    "true": ("true-200-json", TAKEN),
    "null": ("null-200-json", TAKEN),
    "list": ("list-200-json", TAKEN),
    "text 202": ("text-202", TAKEN),
    "text 206": ("partial-206-text", TAKEN),
    "400 page": ("waf-400-html", ELSEWHERE),
    "403": ("waf-403-json", REFUSED),
    "404": ("ingress-404-json", REFUSED),
    "404 page": ("ingress-404-html", ELSEWHERE),
    "405": ("proxy-405-json", REFUSED),
    "405 nothing": ("proxy-405-empty", ELSEWHERE),
    "406 page": ("waf-406-html", ELSEWHERE),
    "410 page": ("ingress-410-html", ELSEWHERE),
    "200 page": ("maintenance-200-html", OPEN),
    "500 page": ("gateway-500-html", OPEN),
    "501 page": ("proxy-501-html", OPEN),
    "502": ("gateway-502-json", OPEN),
    "503": ("gateway-503-text", OPEN),
    "504 page": ("gateway-504-html", OPEN),
    "302": ("login-302-html", OPEN),
    "303": ("other-303-empty", OPEN),
}
"""The page of the emulator, and what it is worth: the request was taken, was refused by the service or by something in
front of it, or nobody knows."""
STATUSES = [400, 401, 403, 404, 405, 409, 410, 422]
BREAKS = ["reset", "close"]
ACTS = ("at once", "later", "never")
SAID = {
    # what the answer is worth, when the service acted: result and changed with waiting, and without
    (TAKEN, "at once"): (("terminated", 1), ("requested", 1)),
    (TAKEN, "later"): (("terminated", 1), ("requested", 1)),
    (TAKEN, "never"): (("unknown", 1), ("requested", 1)),
    (REFUSED, "at once"): (("already_ended", 1), ("already_ended", 1)),
    (REFUSED, "later"): (("failed", 1), ("failed", 1)),
    (REFUSED, "never"): (("failed", 1), ("failed", 1)),
    (ELSEWHERE, "at once"): (("terminated", 1), ("terminated", 1)),
    (ELSEWHERE, "later"): (("failed", 1), ("failed", 1)),
    (ELSEWHERE, "never"): (("failed", 1), ("failed", 1)),
    (OPEN, "at once"): (("terminated", 1), ("terminated", 1)),
    (OPEN, "later"): (("terminated", 3), ("terminated", 3)),
    (OPEN, "never"): (("unknown", 3), ("unknown", 3)),
}
"""By what an answer is worth and when the service acted: the result and the most requests, with and without waiting."""


def cases() -> list[tuple[str, str, dict[str, Any]]]:
    """What the answer is worth, when the service acts, and the fault."""
    made = []
    for acts in ACTS:
        for page, worth in ANSWERS.values():
            kind = {"kind": "late", "seconds": LATER} if acts == "later" else {"kind": "page"}
            made.append((worth, acts, {**kind, "page": page, "before": acts != "at once"}))
        if acts == "later":
            continue
        made += [(REFUSED, acts, {"kind": "status", "status": one, "before": acts == "never"}) for one in STATUSES]
        made += [(OPEN, acts, {"kind": kind, "before": acts == "never"}) for kind in BREAKS]
    return made


@pytest.mark.once
def test_every_answer_to_a_change_is_taken_for_what_it_is_worth(ansible: Ansible, serve: Any) -> None:
    """One run for all: an answer of one session says nothing of another one."""
    servers = {name: serve(generation="current", end_delay=0.0) for name in ("wait", "none")}
    known = {f"s{number:03}": case for number, case in enumerate(cases())}
    for server in servers.values():
        for one, (_worth, _acts, fault) in known.items():
            server.add_session(id=one, kind="webui", age=90_000)
            server.fault(**{"method": "PATCH", "path_contains": f"/{one}/", **fault})
    # Alike ones stand apart, so that no five in a row stop the run; all begin at once.
    options = {"kinds": ["webui"], "concurrency": 32, "max_sessions": 999}
    order = sorted(known, key=lambda one: (int(one[1:]) * 7) % 32)
    tasks = [
        {**terminate(session_ids=order, wait_timeout="8s", **options), "when": "inventory_hostname == 'wait'"},
        {**terminate("none", session_ids=order, wait=False, **options), "when": "inventory_hostname == 'none'"},
    ]
    played = ansible.play(*tasks, server=servers)
    wrong = []
    for place, (host, name) in enumerate((("wait", "terminate"), ("none", "none"))):
        result, state = played.on(host)[name], servers[host].state()["sessions"]
        said, sent = results_of(result), Counter(entry["path"].split("/")[-2] for entry in servers[host].changes())
        assert sorted(said) == sorted(known)
        for one, (worth, acts, fault) in known.items():
            expected, most = SAID[worth, acts][place]
            over = acts != "never"
            if (said[one], not state[one]["active"]) != (expected, over) or not 1 <= sent[one] <= most:
                wrong.append((host, worth, acts, fault, said[one], sent[one], state[one]["state"]))
        assert result["changed"]
    assert not wrong, "\n".join(map(str, wrong))
