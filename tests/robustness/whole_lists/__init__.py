"""Lists of services as frameworks make them: documents x answers x limits x ends. Proves rules 20 and 35.

Each service is drawn from the tables of `any_service.py` (unit tests) and read twice, as sessions and as a log.
"""

from __future__ import annotations

from random import Random

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import any_service

from ..figures import Report


def run(report: Report) -> None:
    """Count lists that were called complete and are not, and those that were refused though they can be read."""
    services, seed = report.size.pick(1000, 15_000), report.size.seed
    read = complete = wrong = readable = refused = 0
    for number in range(services):
        for reader in (any_service.read_sessions, any_service.read_log):
            service = any_service.Service.draw(Random(f"{seed}-{number}"))
            result = reader(service)
            read, complete = read + 1, complete + result.complete
            readable += service.readable
            refused += service.readable and not result.complete
            if result.complete and service.wrong(result):
                wrong += 1
                report.note(f"{seed}-{number}, {reader.__name__}: {result.found} of {service.length}")
    report.figure("lists read", read, f">= {2 * services}")
    report.figure("called complete", complete, f">= {services}")
    report.figure("called complete and not whole", wrong, "= 0")
    report.figure("lists that can be read to their end", readable, f">= {services}")
    report.figure("refused of these", round(100 * refused / readable, 1), "<= 3", "%")
