"""Work that is divided among the machines of a Ray cluster.

Ray schedules, moves objects and repeats what was lost; here stands only what shopwright's work
needs of it:

- The function is put into the object store once, and opened once by each process that works. What
  is large in it stays where it is: a shop, its token states and the language model travel as their
  paths, and each node maps the folder into its own memory. Every node must see the folders under
  the same paths, with the same content.
- Items are sent by the batch, so that a task takes about :data:`TASK_SECONDS` however little one of
  them is. Results come back in the order of the items; what they are does not depend on batches, as
  each is worked out by itself, with one thread.
- A task whose process or node is lost is run again (Ray's retries), with the same result.

The head node, where the program runs, holds the results; if it is lost, the program ends.
"""

from __future__ import annotations

import logging
import os
import platform
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

from shopwright import __version__
from shopwright.errors import InputError, UnavailableError
from shopwright.extras import require
from shopwright.workers import alone, cores

Item = TypeVar("Item")
Result = TypeVar("Result")

LOCAL = "local"
# So long a task takes at least, where there are items enough, so that Ray's own share is small.
TASK_SECONDS = 0.5
ITEMS_A_TASK = 1024
# Tasks that are sent ahead for each core: results come in order, and one may take long.
AHEAD = 4
# So often is a task run again whose process or node was lost.
RETRIES = 10
# Of a cluster on this machine. What does not fit is written to the disk.
OBJECT_STORE_BYTES = 512 << 20


class RayPool:
    """A pool of the cores of a Ray cluster; in a ``with`` block, whose end disconnects.

    Args:
        address: "local": a cluster of this machine's cores, until the block ends; "auto": the one
            that runs on this machine; HOST:PORT: its head node; ray://HOST:PORT: from outside.

    Attributes:
        tasks: how many were done.
        processor_seconds: what they took, on all nodes.

    Raises:
        UnavailableError: Ray is not installed, or there is no cluster at the address.

    Example:
        >>> with RayPool("auto") as pool, using(pool):
        ...     evaluate("runs/own", "shops/own")
    """

    def __init__(self, address: str = LOCAL) -> None:
        require("ray", "ray", f"--cluster {address}")
        # Nobody asked for Ray's reports about who uses it.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        self._ray = ray
        self._address = address
        self.tasks = 0
        self.processor_seconds = 0.0
        self._started = time.perf_counter()
        own = {"num_cpus": cores(), "object_store_memory": OBJECT_STORE_BYTES}
        try:
            ray.init(
                address=address,
                include_dashboard=False if address == LOCAL else None,
                logging_level=logging.ERROR,
                log_to_driver=False,
                **(own if address == LOCAL else {}),
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UnavailableError(
                f"--cluster {address}: expected a Ray cluster to connect to, got: {reason}"
            ) from None
        self._cores = int(ray.cluster_resources().get("CPU", 1))
        self._task = ray.remote(num_cpus=1, max_retries=RETRIES)(_work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ray.shutdown()

    def cost(self) -> str:
        """Return in words what was done, and what it took."""
        return (
            f"cluster: {self.tasks:,} tasks on {self._cores} cores, {self.processor_seconds:.1f} "
            f"processor seconds in {time.perf_counter() - self._started:.1f} s"
        )

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function`` of each item, in order; see :meth:`shopwright.workers.Pool.map`.

        Raises:
            InputError: the function holds what cannot be sent.
            UnavailableError: a task was lost too often, or shopwright is not the same on a node.
        """
        most = ITEMS_A_TASK
        if isinstance(items, Sized):  # Few items are for all cores.
            most = max(1, min(most, len(items) // self._cores))
        shared = [self._put(function)]  # In a list, as Ray would open it anew for each task.
        left = iter(items)
        running: deque[Any] = deque()
        count = 1
        try:
            while True:
                while len(running) < AHEAD * self._cores and (batch := [*islice(left, count)]):
                    running.append(self._task.remote(shared, batch, __version__))
                if not running:
                    return
                results, seconds = self._received(running[0])
                running.popleft()
                self.tasks += 1
                self.processor_seconds += seconds
                wanted = int(TASK_SECONDS * len(results) / max(seconds, 1e-6))
                count = max(1, min(most, 2 * count, wanted))
                yield from results
        finally:
            for task in running:
                self._ray.cancel(task)

    def _put(self, function: Callable[..., Any]) -> Any:
        try:
            return self._ray.put(function)
        except Exception as error:  # Whatever what it holds raises.
            # Ray's own report, of which the error was the cause, has dozens of lines.
            reason = str(error.__cause__ or error).strip().partition("\n")[0]
            raise InputError(
                f"--cluster {self._address}: expected agents that can be sent to other machines, "
                f"and a shop without changes (shopwright shop compact), got: {reason}"
            ) from None

    def _received(self, task: Any) -> tuple[list[Any], float]:
        """A task's results and what they took."""
        try:
            sent = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            reason = str(getattr(error, "cause", None) or error).strip().partition("\n")[0]
            raise UnavailableError(
                f"--cluster {self._address}: expected results of a task, got "
                f"{type(error).__name__}: {reason}"
            ) from None
        results, seconds = self._ray.cloudpickle.loads(sent)
        if isinstance(results, Exception):
            raise results
        return results, seconds


def _work(shared: Sequence[Any], items: Sequence[Any], version: str) -> bytes:
    """Return the results of a task, or what was raised, and the processor seconds that it took.

    They are sent as bytes: arrays that Ray sends lie in its store, read-only, while they are used.
    """
    from ray import cloudpickle

    began = time.process_time()
    results: list[Any] | Exception
    try:
        if version != __version__:
            raise UnavailableError(
                f"node {platform.node()}: expected shopwright {version}, got {__version__}"
            )
        with warnings.catch_warnings():
            # The function's arrays lie in Ray's store; nobody writes to them.
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            function = _opened(shared[0])
            with alone():
                results = [function(item) for item in items]
    except Exception as error:
        node = platform.node()
        error.add_note(f"On node {node} of the cluster:\n{traceback.format_exc()}")
        results = error
    sent: bytes = cloudpickle.dumps((results, time.process_time() - began))
    return sent


@lru_cache(maxsize=1)
def _opened(reference: Any) -> Callable[[Any], Any]:
    """What a function is when it has arrived; that of one map at a time."""
    import ray

    function: Callable[[Any], Any] = ray.get(reference)
    return function
