# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mutants the bounded size tries: the same ones again, whatever else has changed in the code."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.aimms.cloud.tests.robustness import mutation

MUTANTS = [SimpleNamespace(name=f"selection decide: constant: {number} -> {number + 1}") for number in range(1000)]


def sample(mutants, listed=(), seed=1):
    return {mutant.name for mutant in mutation._sample(mutants, set(listed), seed)}


def test_the_order_of_the_mutants_makes_no_difference():
    assert len(sample(MUTANTS)) == 150
    assert sample(MUTANTS[::-1]) == sample(MUTANTS)


def test_a_change_of_the_code_replaces_only_the_mutants_of_the_changed_lines():
    first = sample(MUTANTS)
    changed = [*MUTANTS[10:], *(SimpleNamespace(name=f"selection new: result: {number}") for number in range(10))]
    assert len(first - sample(changed)) <= 10


def test_a_mutant_listed_as_equivalent_gives_its_place_to_another_one():
    first = sample(MUTANTS)
    listed = sorted(first)[0]
    assert first - sample(MUTANTS, [listed]) == {listed}


def test_another_seed_chooses_others():
    assert len(sample(MUTANTS) & sample(MUTANTS, seed=2)) < 50
