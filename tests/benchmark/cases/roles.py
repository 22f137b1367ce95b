"""The roles beside single tasks that do the same: a plan and a cleanup, and reports of 10,000 sessions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from ...emulator.process import EmulatorProcess
from ..bench import Bench, Task, connected, noop, on
from ..measure import Contender, Measured
from ..peers import Run
from ..servers import filled
from ..stopwatch import Sample
from .ending import emptied, ending

SIZES = ("few", "many")


def role(name: str, **variables: Any) -> Task:
    """A role with these of its variables."""
    own = {f"{name}_{variable}": value for variable, value in variables.items()}
    return {"name": "The role", "ansible.builtin.include_role": {"name": f"aimms.cloud.{name}"}, "vars": own}


def clean_up(bench: Bench, count: int, *, apply: bool) -> Task:
    """The role that ends all sessions older than a day, and reports them."""
    limits = {"max_sessions": count, "max_percent": 100, "report_dir": str(bench.folder / "reports")}
    return role("stale_session_cleanup", apply=apply, interrupt_tasks="never", **limits)


def inventory(emulator: EmulatorProcess) -> dict[str, Any]:
    """The account as roles and tasks read it."""
    names = {"aimms_url": emulator.url, "aimms_api_key": emulator.admin_key}
    return {"one": {**names, "url": emulator.url, "acme_api_key": emulator.admin_key}}


def run(bench: Bench) -> Measured:
    """Goal 12."""
    sizes = dict(zip(SIZES, bench.pick((6, 30), (441, 2_500))))
    listed = bench.pick(40, 10_000)
    measured = Measured("roles", {**{name: float(count) for name, count in sizes.items()}, "listed": listed})
    contenders: list[Contender | None] = [noop(bench)]
    with ExitStack() as stack:
        for name, count in list(sizes.items())[bench.quick :]:
            contenders += _of_one_size(bench, stack, name, count)
        contenders += _reports(bench, stack, listed)
        return bench.measure(measured, contenders)


def _of_one_size(bench: Bench, stack: ExitStack, name: str, count: int) -> list[Contender | None]:
    def plays(*tasks: Task) -> Any:
        return lambda account, _addresses: bench.play(*tasks, hosts=inventory(account))

    def ended(tasks: Sequence[Task]) -> Run:
        return emptied(bench, count, plays(*tasks), latency_ms=0.0)

    account = bench.emulator(stack)
    filled(account, count)
    plan = bench.play(clean_up(bench, count, apply=False), hosts=inventory(account))
    check = bench.play({**ending(count), "failed_when": False, "check_mode": True}, hosts=inventory(account))
    return [
        on(account, f"plan {name}", f"the role plans, {count:,}", plan),
        on(account, f"check {name}", f"a task in check mode, {count:,}", check),
        Contender(f"role {name}", f"the role ends {count:,}", _steps(ended([clean_up(bench, count, apply=True)]))),
        Contender(f"task {name}", f"a task ends {count:,}", ended([ending(count)])),
    ]


def _steps(run_role: Run) -> Run:
    """The run, with the number of its steps among its requests."""

    def counted() -> Sample:
        sample = run_role()
        sample.requests["steps"] = sample.output.count("\nTASK [")
        return sample

    return counted


def _reports(bench: Bench, stack: ExitStack, count: int) -> list[Contender | None]:
    account = bench.emulator(stack, sessions=count, page_cap=100)
    info = {"name": "All", "aimms.cloud.aimms_session_info": connected(), "register": "found"}
    plays = {
        "report": role("session_report", dir=str(bench.folder / "reports"), formats=["html", "json", "csv"]),
        "retention": role("session_retention", apply=False, ended_before="1d", max_sessions=count),
        "info": info,
    }
    return [
        on(account, key, f"{key} of {count:,}", bench.play(task, hosts=inventory(account)))
        for key, task in plays.items()
    ]
