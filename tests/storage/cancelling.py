"""Cancels a task at each of its awaits in turn: in the middle of the wait, or when what it waits for has just come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Literal

Moment = Literal["waiting", "woken"]


class _Counted:
    """Runs a coroutine and cancels its task at the await of the given number."""

    def __init__(self, work: Awaitable[object], at: int, moment: Moment) -> None:
        self._work, self._at, self._moment = work, at, moment

    def __await__(self) -> Generator[Any, Any, None]:
        inner, awaits = self._work.__await__(), 0
        task = asyncio.current_task()
        assert task is not None
        value: Any = None
        fault: BaseException | None = None
        while True:
            try:
                future = inner.throw(fault) if fault else inner.send(value)
            except StopIteration:
                return
            awaits += 1
            if awaits == self._at and self._moment == "waiting":
                task.get_loop().call_soon(task.cancel)
            elif awaits == self._at and future is not None:
                future.add_done_callback(lambda _: task.cancel())
            value = fault = None
            try:
                value = yield future
            except BaseException as raised:  # noqa: BLE001 - a cancellation is what is passed on here
                fault = raised


async def cancelled_at(work: Callable[[], Awaitable[object]], at: int, moment: Moment) -> bool:
    """Runs the work, cancelled at its await number `at`; whether it got so far."""

    async def counted() -> None:
        await _Counted(work(), at, moment)

    task = asyncio.create_task(counted())
    [result] = await asyncio.gather(task, return_exceptions=True)
    if isinstance(result, asyncio.CancelledError):
        return True
    if isinstance(result, BaseException):
        raise result
    return False
