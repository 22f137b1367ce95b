"""One page of sessions, compared with uri; debug and ping for context.

The page is not full: after a full one, with a total equal to its length, the collection requests another one.
"""

from __future__ import annotations

from contextlib import ExitStack

from ..bench import Bench, connected, host, noop, on
from ..measure import Contender, Measured
from ..peers import uri
from ..servers import filled, page_addresses


def run(bench: Bench) -> Measured:
    """Goal 1."""
    sessions, latency = bench.pick(20, 90), 20.0
    with ExitStack() as stack:
        account = bench.emulator(stack, latency_ms=latency)
        filled(account, sessions)
        address = page_addresses(account, 100, ["webui"])
        task = {
            "name": "One page",
            "aimms.cloud.aimms_session_info": connected(kinds=["webui"]),
            "register": "found",
            "failed_when": f"found.count != {sessions}",
        }
        context = [
            Contender("debug", "debug", bench.play({"name": "Debug", "ansible.builtin.debug": {"msg": "x"}})),
            Contender("ping", "ping", bench.play({"name": "Ping", "ansible.builtin.ping": {}})),
        ]
        return bench.measure(
            Measured("page", {"sessions": sessions, "latency": latency / 1000}),
            [
                noop(bench),
                on(account, "info", "aimms_session_info, one page", bench.play(task, hosts={"one": host(account)})),
                on(account, "uri", "uri, the same page", uri(bench, account, address)),
                *([] if bench.quick else context),
            ],
        )
