"""Fuzzing: modules get all kinds of invalid answers on all routes, and the record parser gets generated JSON.

None of them may cause a traceback, be accepted as valid, take much memory or time, or make a session look old.

Proves rules 8, 9, 10, 15 and 19.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..figures import Report


def run(report: Report) -> None:
    """Run the campaign and add its figures."""
    from plays import collections_path

    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        collections = collections_path(folder)
        sys.path[:0] = [entry for entry in collections.split(":") if entry not in sys.path]
        from .records import Examples

        examples = Examples(report, collections)
        _cells(report, collections, folder)
        examples.figures()


def _cells(report: Report, collections: str, folder: Path) -> None:
    """Run modules against hostile servers: many in forks of one process, some by ansible-playbook."""
    from .catalogue import chosen, good_cells, hostile_cells
    from .plays import play_cells, sample
    from .runs import again, run_cells
    from .server import Elsewhere
    from .verdict import add_figures, doubtful

    with Elsewhere() as other, ThreadPoolExecutor(1) as beside:
        every = hostile_cells(other.url)
        cells = chosen(every, report.size)
        plays = beside.submit(play_cells, sample(every, report.size), collections, folder)
        outcomes = [*run_cells([*good_cells(), *cells], collections)]
        outcomes = again(outcomes, doubtful, collections)
        played = plays.result()
        report.figure("cells", len(cells), f">= {report.size.pick(150, 600)}")
        report.figure("of them again by ansible-playbook", len(played), f">= {report.size.pick(9, 30)}")
        add_figures(report, [*outcomes, *played])
        report.figure("bytes sent to another host", len(other.got), "= 0")
