"""Many lookups in one play, compared with the same number of tasks."""

from __future__ import annotations

from contextlib import ExitStack

from ..bench import Bench, Task, connected, host, on
from ..measure import Contender, Measured
from ..servers import filled

_STALE = 10
_LOOKUP = "{{ query('aimms.cloud.aimms_session', 'webui', older_than='7d') | length }}"


def run(bench: Bench) -> Measured:
    """Goal 5."""
    many, latency, sessions = bench.pick(3, 50), 20.0, bench.pick(20, 90)
    with ExitStack() as stack:
        account = bench.emulator(stack, latency_ms=latency)
        filled(account, _STALE)
        filled(account, sessions - _STALE, days=1)
        hosts = {"one": {**host(account), "aimms_url": account.url, "aimms_api_key": account.admin_key}}

        def lookups(count: int) -> Task:
            seen = {"msg": [_LOOKUP] * count}
            wrong = f"shown.msg | map('int') | list != [{_STALE}] * {count}"
            return {"name": "Look up", "ansible.builtin.debug": seen, "register": "shown", "failed_when": wrong}

        tasks = [{"name": "Ask", "aimms.cloud.aimms_session_info": connected(kinds=["webui"], older_than="7d")}] * many
        context = [
            Contender("debug", "debug", bench.play({"name": "Debug", "ansible.builtin.debug": {"msg": "x"}})),
            on(account, "tasks", f"{many} tasks of aimms_session_info", bench.play(*tasks, hosts=hosts)),
        ]
        return bench.measure(
            Measured("lookups", {"lookups": many, "latency": latency / 1000, "sessions": sessions}),
            [
                on(account, "one", "one lookup", bench.play(lookups(1), hosts=hosts)),
                on(account, "many", f"{many} lookups", bench.play(lookups(many), hosts=hosts)),
                *([] if bench.quick else context),
            ],
        )
