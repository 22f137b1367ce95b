# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken away is what the set-up made, and nothing else."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.removal import removal
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.awx.awx_there import NOTHING, SHIPPED, values

TYPES = [{"name": "P account"}, {"name": "P accounts"}]
KINDS = {1: "account", 2: "accounts"}


def _removed(*credentials, **more):
    known = [{"organization": 7, "credential_type": 1, **one} for one in credentials]
    there = {**NOTHING, "credential_types": TYPES, "kinds": KINDS, "credentials": known}
    return removal(values(state="absent", **more), SHIPPED, there)


def test_credentials_of_other_names_or_organizations_stay_and_so_do_the_types():
    own = [{"name": "P key"}, {"name": "P key acme"}, {"name": "P keys", "credential_type": 2}]
    made = _removed(*own)
    assert [one["name"] for one in made["credentials"]] == ["P key", "P key acme", "P keys"]
    assert (made["credential_types"], made["kept"]) == (["P account", "P accounts"], [])
    for other in (
        {"name": "P keyring"},
        {"name": "theirs"},
        {"name": "P key x", "organization": 8},
        {"name": "P keys"},
    ):
        made = _removed(*own, other)
        assert len(made["credentials"]) == 3
        assert made["credential_types"] == []
        assert f"The credential {other['name']} stays" in made["kept"][0]


def test_teams_of_an_identity_provider_and_a_credential_that_is_named_stay():
    assert _removed()["teams"] == ["P operators", "P approvers", "P auditors"]
    assert _removed(teams={"approvers": "People"})["teams"] == []
    assert _removed({"name": "P key acme"}, credential="P key acme")["credentials"] == []


def test_who_is_no_superuser_leaves_the_types():
    there = {**NOTHING, "credential_types": TYPES, "is_superuser": False, "organization": None}
    made = removal(values(state="absent"), SHIPPED, there)
    assert (made["credential_types"], made["organization"]) == ([], False)
