# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The threads of one run. Each thread has its own connection, so one shared pool opens the fewest connections."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, cast

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerPool:
    """At most ``size`` threads, started at the first call. The end of the context cancels calls that have not begun.

    Not safe to use from several threads.
    """

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._executor: Optional[ThreadPoolExecutor] = None

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Call the function in a thread."""
        return self._threads().submit(function, *arguments)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The results of the function in the order of the items. After the first error no further call begins."""
        return list(self._threads().map(function, items))

    def _threads(self) -> ThreadPoolExecutor:
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor  # the import takes 2 ms, and most lists need no threads

            self._executor = ThreadPoolExecutor(self._size)
        return self._executor


def in_thread(function: Callable[[], Result]) -> Callable[[], Result]:
    """Call the function in a thread of its own, at once.

    :return: waits for the end of the call and of the thread, and returns or raises what the function did.
    """
    outcome: list[tuple[Any, Optional[BaseException]]] = []

    def call() -> None:
        try:
            outcome.append((function(), None))
        except BaseException as error:  # whatever it is, who waits is told
            outcome.append((None, error))

    def wait() -> Result:
        thread.join()
        result, error = outcome[0]
        if error is not None:
            raise error
        return cast(Result, result)

    thread = threading.Thread(target=call, daemon=True)  # a run that fails before does not wait for the call
    thread.start()
    return wait
