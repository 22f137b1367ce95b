"""One playbook over many accounts, ten at a time."""

from __future__ import annotations

from contextlib import ExitStack

from ..bench import Bench, Task, connected, host, noop, on
from ..environment import cores
from ..measure import Contender, Measured
from ..servers import STALE

FORKS = 10


def run(bench: Bench) -> Measured:
    """Goal 6."""
    accounts, sessions, latency = bench.pick(2, 20), bench.pick(20, 500), bench.pick(5.0, 20.0)
    task: Task = {
        "name": "Stale sessions",
        "aimms.cloud.aimms_session_info": connected(**STALE),
        "register": "found",
        "failed_when": f"found is failed or not found.complete or found.counts.kind.values() | sum != {sessions}",
    }
    with ExitStack() as stack:
        every = {
            f"account{number:02}": bench.emulator(stack, sessions=sessions, seed=number, latency_ms=latency)
            for number in range(1, accounts + 1)
        }
        hosts = {name: host(account) for name, account in every.items()}
        first = next(iter(every))
        alone = bench.play(task, hosts={first: hosts[first]}, forks=FORKS)
        nothing = bench.play({"name": "Nothing", "noop": {}}, hosts=hosts, forks=FORKS)
        return bench.measure(
            Measured(
                "accounts",
                {
                    "accounts": accounts,
                    "sessions": sessions,
                    "forks": FORKS,
                    "latency": latency / 1000,
                    "cores": cores(),
                },
            ),
            [
                noop(bench),
                Contender("noops", f"noop module on {accounts} hosts, forks {FORKS}", nothing),
                on(every[first], "one", f"one account of {sessions}", alone),
                Contender("all", f"{accounts} accounts, forks {FORKS}", bench.play(task, hosts=hosts, forks=FORKS)),
            ],
        )
