# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which owner and app a record has, and what protects it. One line adds a record. Proves rules 16 and 24."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.names import owner_names, with_environment
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, protected
from ansible_collections.aimms.cloud.tests.timing import within

UUID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
HEX = "68ce8ce7c4a6fd1afa97672e7080d645"
ANN = "ann@ROOT"

# What a record tells, its owner, protections that cover it, and some that do not.
OWNERS = [
    ({"owner": ANN}, ANN, "ann ann@ROOT ANN@root *@ROOT ann@corp.example",
     "bob* *@DEV *@corp.example bob@corp.example"),
    ({"user_name": "alice@corp.example", "environment": "ROOT"}, "alice@corp.example@ROOT",
     "*@ROOT alice@corp.example alice alice@* alice@ROOT", "*@DEV bob*"),
    ({"owner": "alice@corp.example@Root", "environment": "ROOT"}, "alice@corp.example@Root", "*@ROOT alice*", "bob*"),
    ({"owner": ANN, "environment": "ROOT"}, ANN, "ann@root", "ann@ROOT@ROOT bob*"),
    ({"owner": ANN, "environment": "DEV"}, "ann@ROOT@DEV", "ann@ROOT *@DEV ann@DEV", "bob*"),
    ({"owner": UUID, "userName": "svc-x"}, "svc-x", f"svc-* {UUID}", "bob*"),
    ({"owner": HEX, "userName": "svc-x", "env": "ROOT"}, "svc-x@ROOT", f"svc-*@ROOT {HEX[:4]}*", "*@DEV"),
    ({"owner": "4711", "userName": "svc-x"}, "svc-x", "svc-* 4711", "bob*"),
    ({"user": UUID, "createdBy": "svc-x", "environment": "ROOT"}, "svc-x@ROOT", "svc-*@ROOT", "bob*"),
    ({"owner": {"id": UUID, "name": "svc-x"}}, "svc-x", f"svc-* {UUID}", "bob*"),
    ({"owner": {"id": 17, "name": "svc-x", "environment": {"name": "ROOT"}}}, "svc-x@ROOT", "*@ROOT", "17 *@DEV"),
    ({"user": {"userName": "svc-x", "environmentName": "ROOT"}}, "svc-x@ROOT", "svc-x@ROOT", "bob*"),
    ({"user": {"login": "svc-x"}, "ownerId": UUID}, "svc-x", "svc-x", "bob*"),
    ({"createdBy": {"name": "svc-x", "environment": "ROOT"}}, "svc-x@ROOT", "*@ROOT", "bob*"),
    ({"owner": "ann", "createdBy": "svc-x", "env": "ROOT"}, ANN, "ann svc-* svc-x@ROOT", "bob*"),
    ({"userName": "ann", "userEmail": "svc-x@corp.example", "env": "ROOT"}, ANN,
     "svc-x@corp.example svc-* *@corp.example", "bob*"),
    ({"userName": "ann", "fullName": "x", "ownerDisplayName": "Ann Smith", "env": "ROOT"}, ANN, "ann?smith ann*", "x"),
    ({"accountOwner": "svc-x", "userName": "ann", "env": "ROOT"}, ANN, "svc-* ann", "bob*"),
    ({"userName": "ann", "owners": ["svc-x", "bob"], "env": "ROOT"}, ANN, "svc-* bob@ROOT", "carol*"),
    ({"userName": "ann", "owner": ["svc-x", "bob"], "env": "ROOT"}, ANN, "svc-* bob@ROOT", "carol*"),
    ({"OWNERNAME": "svc-x", "userName": "ann", "env": "ROOT"}, ANN, "svc-*", "bob*"),
    ({"userName": "Jane.Doe_acme.com", "environment": "ACME Azure"}, "Jane.Doe_acme.com@ACME Azure",
     "jane.doe@acme.com Jane.Doe@acme.com@* jane.doe", "bob*"),
    ({"userName": "CORP\\svc-x", "environment": "ROOT"}, "CORP\\svc-x@ROOT", "svc-* svc-x@ROOT", "bob*"),
    ({"owner": "Jane Doe", "environment": {"id": UUID, "name": "ROOT"}}, "Jane Doe@ROOT", "*@ROOT", "*@DEV"),
    ({"userId": "ann", "environment": "ROOT"}, ANN, "ann", "bob*"),
    ({"userRole": "admin", "userName": "ann", "userAgent": "svc-x", "env": "ROOT"}, ANN, "ann", "admin* svc-*"),
    ({"owner": "ann", "env": "ROOT"}, ANN, "ann@corp.example", "ann@corp.example@DEV bob@corp.example"),
    ({"owner": "ann", "env": "ROOT"}, ANN, "ROOT\\ann root/ann ROOT/a*", "DEV\\ann ann\\ROOT x/ROOT/ann ROOT/ann@DEV"),
    ({"owner": "a", "env": "ROOT"}, "a@ROOT", "a@corp.example a@eu.corp.example", "b@corp.example b@eu.corp.example"),
    # The name stands among others.
    ({"owner": "/users/svc-x@ROOT"}, "/users/svc-x@ROOT", "svc-* svc-x@ROOT", "bob* users *@DEV"),
    ({"owner": "urn:aimms:user:svc-x", "env": "ROOT"}, "urn:aimms:user:svc-x@ROOT", "svc-* svc-x@ROOT", "aimms bob*"),
    ({"owner": "CN=svc-x,OU=Bots", "env": "ROOT"}, "CN=svc-x,OU=Bots@ROOT", "svc-* svc-x@ROOT", "cn bots bob*"),
    ({"owner": "uid=svc-x, ou=Bots"}, "uid=svc-x, ou=Bots", "svc-*", "uid bots bob*"),
    ({"owner": "ROOT/svc-x", "env": "ROOT"}, "ROOT/svc-x@ROOT", "svc-* svc-x@ROOT", "root bob*"),
    ({"owner": "ROOT:svc-x"}, "ROOT:svc-x", "svc-*", "root bob*"),
    ({"owner": "Service X <svc-x@corp.example>"}, "Service X <svc-x@corp.example>", "svc-* *@corp.example", "x bob*"),
    *(({"owner": f"ROOT{sign}svc-x"}, f"ROOT{sign}svc-x", "svc-* svc-x", "root bob* x") for sign in ".;#!+~%$&,*"),
    *(({"owner": f"ROOT{sign}svc-x", "env": "root"}, f"ROOT{sign}svc-x@root", "svc-* svc-x@ROOT", "root bob* x")
      for sign in "._-/"),
    *(({"owner": f"svc-x{sign}ROOT", "env": "root"}, f"svc-x{sign}ROOT@root", "svc-x svc-x@ROOT", "bob* x")
      for sign in "._-/"),
    ({"owner": "ROOT.bots.svc-x@corp.example"}, "ROOT.bots.svc-x@corp.example", "svc-* svc-x@corp.example", "bots *.x"),
    ({"owner": "ROOT (svc-x)"}, "ROOT (svc-x)", "svc-* svc-x", "root bob* x"),
    ({"owner": "ann", "loginToken": "a." * 500, "env": "ROOT"}, ANN, "ann", "bob* a"),
    ({"owner": "jane.doe@corp.example"}, "jane.doe@corp.example", "jane.doe doe", "jane example corp.example com"),
    # The environment is not told: it may be the protected one.
    ({"owner": "ann"}, "ann", "*@ROOT ann@DEV ann", "bob@ROOT bob"),
    ({"owner": "ann", "environment": UUID}, f"ann@{UUID}", "*@ROOT ann@DEV", "bob@ROOT"),
    ({"userName": "ann@corp.example"}, "ann@corp.example", "*@ROOT ann@corp.example@DEV", "bob* bob@other.example"),
    # The name is not told: it may be the protected one.
    ({"owner": UUID}, UUID, "bob* x@ROOT", ""),
    ({"userId": "4711", "environment": "ROOT"}, "4711@ROOT", "bob* x@DEV 4711", ""),
    ({"owner": "4711", "environment": "ROOT"}, "4711@ROOT", "4711 *@ROOT", "bob*"),
    ({"owner": {"ref": "/users/7"}}, None, "bob*", ""),
    ({"owner": ["svc-x", "bob"], "env": "ROOT"}, None, "svc-x bob carol", ""),
    ({"owner": {"id": 17}}, None, "bob*", ""),
    ({"environment": "ROOT"}, None, "bob* *@DEV", ""),
    ({"account": "acme"}, None, "bob*", ""),
]  # fmt: skip
APPS = [
    ({"app_name": "Planner"}, "Planner", "planner Plan*", "Fleet"),
    ({"appName": "Planner", "appVersion": "1.2"}, "Planner", "Planner Planner?1.2", "1.2 Fleet"),
    ({"app_name": "Planner"}, "Planner", "planner:1.2 Planner@1.2 Plan*/1.2", "Fleet:1.2 :Planner */Planner"),
    ({"app_name": "P"}, "P", "p:1.2", "q:1.2"),
    ({"app_name": "Planner"}, "Planner", "[Planner]", "xPlanner] [Plannerx"),
    ({"application": UUID, "appTitle": "Planner"}, "Planner", f"Planner {UUID}", "Fleet"),
    ({"application": "17", "appTitle": "Planner"}, "Planner", "Planner 17", "Fleet"),
    ({"appId": "a-1", "app": {"title": "Planner"}}, "Planner", "Planner a-1", "Fleet"),
    ({"app": {"id": HEX, "name": "plan", "title": "Planner", "version": "1"}}, "plan", "plan planner", "Fleet 1"),
    ({"app": "Planner/1.2", "version": "1.2"}, "Planner/1.2", "Planner Planner/1.2", "Fleet"),
    ({"app": "Planner-v1.2", "appVersion": "1.2"}, "Planner-v1.2", "Planner", "Fleet"),
    ({"appName": "x", "projectTitle": "Planner", "publishedApp": "Crew"}, "x", "Planner Crew x", "Fleet"),
    ({"appState": "Planner", "appName": "x", "appVersion": "Crew"}, "x", "x", "Planner Crew"),
    ({"app": "/apps/Planner"}, "/apps/Planner", "Planner */Planner", "apps Fleet"),
    ({"app": "/apps/Planner/1.2", "version": "1.2"}, "/apps/Planner/1.2", "Planner", "apps Fleet"),
    ({"app": "urn:aimms:app:Planner"}, "urn:aimms:app:Planner", "Planner", "app aimms Fleet"),
    ({"appId": UUID}, UUID, "Planner", ""),
    ({"appVersion": "1.2"}, None, "Planner", ""),
]  # fmt: skip


def read(record):
    return Session.from_record({"id": "s-1", "state": "running", **record}, "webui")


def covered(record, option, globs):
    return {glob: protected(read(record), Criteria(**{option: (glob.replace("?", " "),)})) for glob in globs.split()}


@pytest.mark.parametrize(("record", "owner", "protecting", "others"), OWNERS, ids=[str(row[0]) for row in OWNERS])
def test_the_owner_is_the_best_name_and_every_text_that_may_name_it_protects(record, owner, protecting, others):
    assert read(record).owner == owner
    assert covered(record, "protect_owners", protecting) == dict.fromkeys(protecting.split(), True)
    assert covered(record, "protect_owners", others) == dict.fromkeys(others.split(), False)
    assert not protected(read(record), Criteria(protect_session_ids=("other",)))


@pytest.mark.parametrize(("record", "app", "protecting", "others"), APPS, ids=[str(row[0]) for row in APPS])
def test_the_app_is_the_best_name_and_every_text_that_may_name_it_protects(record, app, protecting, others):
    assert read(record).app_name == app
    assert covered(record, "protect_apps", protecting) == dict.fromkeys(protecting.split(), True)
    assert covered(record, "protect_apps", others) == dict.fromkeys(others.split(), False)


@pytest.mark.parametrize(("part", "times"), [("a.", 50_000), (";", 100_000), ("_", 30_000), ("x", 30_000)])
def test_a_long_text_is_not_looked_at_sign_by_sign_and_may_be_of_any_user(part, times):
    text = part * times
    with within(5):
        session = read({"owner": text, "environment": text[:1] + "y" * 20_000})
        assert protected(session, Criteria(protect_owners=("bob@ROOT",)))


@pytest.mark.parametrize(
    ("user", "environment", "owner"),
    [("ann", "ROOT", ANN), ("ann@root", "ROOT", "ann@root"), ("ann", None, "ann"), (None, "ROOT", None)],
)
def test_the_environment_stands_once(user, environment, owner):
    assert with_environment(user, environment) == owner


@pytest.mark.parametrize(
    ("record", "user", "environment"),
    [
        ({"owner": ANN}, "ann", "ROOT"),
        ({"userName": "ann", "environment": "ROOT"}, "ann", "ROOT"),
        ({"user_name": "alice@corp.example", "environment_name": "ROOT"}, "alice@corp.example", "ROOT"),
        ({"owner": "alice@corp.example@Root", "environment": "ROOT"}, "alice@corp.example", "ROOT"),
        ({"owner": "alice@corp.example", "environment": "corp.example"}, "alice", "corp.example"),
        ({"owner": "alice@corp.example"}, "alice@corp.example", None),
        ({"owner": "Jane.Doe_acme.com@ACME Azure"}, "Jane.Doe_acme.com", "ACME Azure"),
        ({"owner": "ann@ROOT", "environment": "DEV"}, "ann@ROOT", "DEV"),
        ({"owner": "ann"}, "ann", None),
        ({"owner": "ann@"}, "ann@", None),
        ({"environment": "ROOT"}, None, "ROOT"),
        ({}, None, None),
    ],
)
def test_user_and_environment_are_told_apart(record, user, environment):
    shown = read(record).as_dict(None)
    assert (shown["user_name"], shown["environment"]) == (user, environment)


def test_sessions_of_one_owner_share_what_is_held_of_it():
    """100,000 sessions have few owners."""
    one, other = read({"userName": "ann", "env": "ROOT"}), read({"userName": "ann", "env": "ROOT"})
    assert one.owner_texts is other.owner_texts
    assert owner_names.cache_info().maxsize is not None


@pytest.mark.parametrize(
    ("listed", "single", "protecting", "others"),
    [
        ({"owner": ANN}, {}, "ann *@ROOT", "bob*"),
        ({"owner": ANN}, {"owner": UUID}, f"ann {UUID}", "bob*"),
        ({}, {"owner": ANN}, "ann", "bob*"),
        ({"owner": ANN}, {"owner": "ann"}, "ann", "*@DEV"),
        ({"owner": ANN}, {"userName": "svc-x", "env": "DEV"}, "ann svc-x *@ROOT *@DEV", "bob*"),
        ({"owner": "ann"}, {"owner": "ann"}, "*@DEV", "bob"),
        ({}, {}, "bob", ""),
    ],
)
def test_what_one_of_two_reads_tells_is_known_and_both_protect(listed, single, protecting, others):
    session = read(single).completed(read(listed))
    for names, expected in ((protecting, True), (others, False)):
        for glob in names.split():
            assert protected(session, Criteria(protect_owners=(glob,))) is expected, glob


def test_a_session_that_was_not_read_from_a_record_is_protected_by_its_owner_too():
    assert protected(Session("s", "webui", owner=ANN), Criteria(protect_owners=("*@ROOT",)))
    assert protected(Session("s", "webui", owner=None), Criteria(protect_owners=("x",)))
    assert not protected(Session("s", "webui", owner=ANN, app_name="x"), Criteria(protect_owners=("*@DEV",)))
