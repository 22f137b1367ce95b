"""One run that is killed, repeated, and repeated again, with all checks in between."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

from .account import PROTECTED, STALE, YOUNG, Account, forms
from .moments import Moment, strike
from .processes import Running
from .runs import WORKS, Place, recap

_PATIENCE = 90.0
_ORPHANS_END, _LATE_END = 10.0, 4.0
_GLANCE = 0.01
_SLOW_LOGS = {"method": "GET", "path_contains": "/logs/download", "seconds": 0.0005, "rate": 0.35}
_DONE, _SKIPPED = ("terminated", "interrupted"), ("already_ended", "not_found")


class Trial:
    """The result of one moment: ``counts``, and ``notes`` about errors."""

    def __init__(self, moment: Moment, account: Account, folder: Path, rng: Random) -> None:
        """Fill the account and prepare the folder."""
        self.moment, self.account, self._rng = moment, account, rng
        self.work = WORKS[moment.work]
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self._broken: set[str] = set()
        account.fill(rng, ended=self.work.records)
        late = moment.work == "terminate" and moment.when == "change"
        # The clock is stopped: sessions that the killed run asked to end do so only after the next run has listed them.
        self._held = late and moment.number % 4 > 0
        quick = moment.leaves_orphans or moment.when != "change"
        delay = rng.choice((0.1, 0.3, 0.6) if quick else (1.0, _LATE_END))
        account.emulator.set(latency_ms=rng.choice((10, 25, 60)), end_delay=_LATE_END if late else delay)
        if moment.when == "download":
            account.emulator.fault("drip_body", seed=rng.randint(0, 999), **_SLOW_LOGS)
        named = moment.what == "module"  # without pipelining the command line shows the module
        self.place = Place(folder, self.work, account, verbose=rng.random() < 0.25, pipelining=not named)

    def measured(self) -> float:
        """The seconds of a run that is not killed. Checks that its work is complete."""
        run = self.place.run()
        self._let_end(run)
        self._check_rerun(run, 0)
        self._check_end(0)
        return run.seconds

    def killed(self, usual: Mapping[str, float]) -> bool:
        """Kill a run and repeat it twice. Returns False if the run ended before the moment.

        :param usual: the seconds that each work takes if it is not killed.
        """
        run = self.place.run()
        if not strike(run, self.moment, self.account, self._rng, usual):
            run.end_all()
            return False
        if self._held:
            self.account.emulator.tick(freeze=True)
        self._look()
        self._let_end(run)
        self._check_killed(run)
        before = len(self.account.emulator.requests())
        self.account.emulator.clear_faults()
        self.account.emulator.set(end_delay=0.2)
        again = self.place.run()
        while self._held and again.code is None and not self.account.listed_since(before):
            time.sleep(_GLANCE)
        self.account.emulator.tick(2 * _LATE_END if self._held else 0, freeze=False)
        self._let_end(again)
        self._check_rerun(again, before)
        self._check_third()
        self._check_end(before)
        return True

    def _let_end(self, run: Running) -> None:
        """Wait for the run, then for its orphans. Processes that do not end are counted and killed."""
        if not run.ends_within(_PATIENCE):
            self._found("hung", 1, "did not end")
        elif run.processes():
            self.counts["outlived"] += 1
        if not run.ends_within(_ORPHANS_END, with_orphans=True):
            left = run.processes()
            self._found("orphans", len(left), f"left behind: {[' '.join(one.words)[:80] for one in left]}")
        run.end_all()
        run.ends_within(_ORPHANS_END, with_orphans=True)
        self._look()

    def _look(self) -> None:
        self._broken |= self.place.shelf.broken()

    def _done(self) -> set[str]:
        """The stale sessions whose work is complete."""
        if self.work.name != "download":
            return self.account.over()
        saved = self.place.shelf.saved()
        return {key for key in self.account.stale if self.work.file_of(self.account.kinds[key], key) in saved}

    def _check_killed(self, run: Running) -> None:
        done = self._done()
        begun = done if self.work.name == "download" else self.account.stale & self.account.changed_since(0)
        self.counts["half_way"] += 0 < len(begun) < STALE
        self.counts["done_by_killed"] += len(done)
        self.counts["leftovers_of_killed"] += len(self.place.shelf.others())
        if self.place.went_well(run) and len(done) < STALE:
            self._found("claimed", 1, f"says that all is well, {STALE - len(done)} not done")
        self._check_archive()
        if self.moment.what == "module":
            self._found("tracebacks", run.printed().count("Traceback (most recent"), "a traceback was printed")

    def _check_archive(self) -> None:
        """Check that no session was ended without a saved log."""
        if self.work.report:
            saved = self.place.shelf.saved()
            lost = {key for key in self._done() if self.work.file_of(self.account.kinds[key], key) not in saved}
            self._found("unsaved", len(lost), f"ended without their logs: {sorted(lost)[:3]}")

    def _check_rerun(self, run: Running, before: int) -> None:
        self._check_archive()
        left = self.account.stale - self._done()
        self._found("stale", len(left), f"left after the rerun: {sorted(left)[:3]}")
        leftovers = self.place.shelf.others()
        self._found("leftovers", len(leftovers), f"lie about after the rerun: {sorted(leftovers)[:3]}")
        problem = self._wrong_counts(before) if self.place.went_well(run) else f"exit status {run.code}"
        self._found("bad_reruns", int(bool(problem)), f"rerun: {problem}")

    def _wrong_counts(self, before: int) -> str:
        """The errors in the results of the run after the first ``before`` requests."""
        if self.work.name == "download":
            result = self.place.results()[-1]
            named = {one["session_id"] for one in result["files"]}
            return "" if named == self.account.stale and not result["not_saved"] else f"files: {len(named)}"
        reported = self._reported()
        asked = self.account.changed_since(before)
        wrong = {
            "planned, not done nor skipped": reported["planned"] ^ (reported["done"] | reported["skipped"]),
            "done, not asked for": reported["done"] - asked,
            "asked for, not done nor skipped": asked - reported["done"] - reported["skipped"],
            "skipped but not over": (reported["done"] | reported["skipped"]) - self.account.over(),
            "failed": reported["failed"],
            "kept by mistake": reported["kept"] - self.account.others,
        }
        if len(reported["kept"]) != YOUNG + PROTECTED:
            return f"{len(reported['kept'])} kept"
        return ", ".join(f"{name}: {sorted(ids)[:3]}" for name, ids in wrong.items() if ids)

    def _reported(self) -> dict[str, set[str]]:
        """The results that the run reported: ids by result."""
        if self.work.report:
            report = self.place.shelf.report() or {}
            names = {
                "planned": "planned",
                "done": self.work.report,
                "skipped": "skipped",
                "failed": "failed",
                "kept": "kept",
            }
            return {name: {one["id"] for one in report.get(key, ())} for name, key in names.items()}
        result = self.place.results()[-1]
        by = {one["id"]: one["result"] for one in result["sessions"]}
        reported = {"planned": set(by), "kept": {one["id"] for one in result["kept"]}}
        reported["done"] = {key for key, what in by.items() if what in _DONE}
        reported["skipped"] = {key for key, what in by.items() if what in _SKIPPED}
        return {**reported, "failed": set(by) - reported["done"] - reported["skipped"]}

    def _check_third(self) -> None:
        """Check that a further run changes nothing."""
        before, stamps = len(self.account.emulator.requests()), self.place.shelf.stamps()
        run = self.place.run()
        self._let_end(run)
        same = self.place.shelf.stamps() == stamps and not self.account.changed_since(before)
        quiet = self.place.went_well(run) and recap(run.printed()) == (0, 0)
        reported = f"a third run: exit status {run.code}, recap {recap(run.printed())}, all the same: {same}"
        self._found("third", int(not (same and quiet)), reported)

    def _check_end(self, before: int) -> None:
        touched = self.account.touched()
        if self.work.name == "download":
            touched |= self.account.changed_since(0)
        self._found("wrong", len(touched), f"touched: {sorted(touched)[:3]}")
        repeats = self.account.repeats(before)
        self._found("twice", len(repeats.after_the_end), f"asked again: {repeats.after_the_end[:3]}")
        self.counts["crossed"] += repeats.crossed
        self.counts["still_active"] += repeats.still_active
        self._found("broken", len(self._broken), f"half written: {sorted(self._broken)[:3]}")
        printed = self.place.printed()
        seen = sum(form in printed for form in forms(self.account.emulator.admin_key))
        self._found("keys", seen, "the key was printed or written")

    def _found(self, name: str, number: int, reported: str) -> None:
        self.counts[name] += number
        if number:
            self.notes.append(f"{self.moment.label}: {reported}")
