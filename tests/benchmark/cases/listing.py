"""List 1,000, 10,000 and 100,000 sessions and return the stale ones."""

from __future__ import annotations

from contextlib import ExitStack

from ...emulator.process import EmulatorProcess
from ..bench import Bench, Task, connected, host, noop, on
from ..measure import Contender, Measured
from ..peers import curl_at_once, curl_loop, script, uri
from ..servers import STALE, count_stale, page_addresses, totals

WORKERS = 8
SIZES = ("1", "10", "100")
"""Keys of the sizes, in thousands of sessions where the run is not a quick one."""


def stale(emulator: EmulatorProcess) -> Task:
    """A task that returns the stale sessions, and fails if their number is wrong."""
    there = count_stale(emulator)
    margin = 3 + there // 100  # the number may change: the clock runs
    return {
        "name": "Stale sessions",
        "aimms.cloud.aimms_session_info": connected(**STALE),
        "register": "found",
        "failed_when": f"found is failed or not found.complete or (found.count - {there}) | abs > {margin}",
    }


def run(bench: Bench) -> Measured:
    """Goals 2 and 3."""
    page, latency = bench.pick(10, 100), bench.pick(5.0, 20.0)
    counts = bench.pick((30, 60, 120), (1_000, 10_000, 100_000))
    measured = Measured("list", {"page": page, "latency": latency / 1000, "workers": WORKERS})
    contenders: list[Contender | None] = [noop(bench)]
    with ExitStack() as stack:
        for size, count in zip(SIZES, counts):
            account = bench.emulator(stack, sessions=count, latency_ms=latency, page_cap=page)
            addresses = page_addresses(account, page)
            measured.numbers |= {f"sessions {size}": count, f"pages {size}": len(addresses)}
            measured.numbers |= {f"{kind} {size}": total for kind, total in totals(account).items()}
            measured.numbers[f"returned {size}"] = count_stale(account)
            play = bench.play(stale(account), hosts={"one": host(account)})
            contenders.append(on(account, f"info {size}", f"aimms_session_info, {count:,}", play))
            contenders += _peers(bench, account, size, addresses)
        return bench.measure(measured, contenders)


def _peers(bench: Bench, account: EmulatorProcess, size: str, addresses: list[str]) -> list[Contender | None]:
    title = f"{len(addresses):,} pages"
    made: list[Contender | None] = [
        on(
            account,
            f"script8 {size}",
            f"requests, 8 threads, {title}",
            script(bench, account, addresses, workers=WORKERS),
        )
    ]
    if size == "100":
        return made
    if not bench.quick:
        made.append(on(account, f"script {size}", f"requests, {title}", script(bench, account, addresses)))
    if size == "10" or not bench.quick:
        made.append(on(account, f"uri {size}", f"uri loop, {title}", uri(bench, account, addresses)))
    if bench.curl:
        made.append(on(account, f"curl {size}", f"curl loop, {title}", curl_loop(bench, account, addresses)))
    if bench.curl and size == "10":
        at_once = curl_at_once(bench, account, addresses)
        made.append(on(account, f"xargs {size}", f"xargs -P16 curl, {title}", at_once))
    return made
