"""Ray: many machines as one, or a cluster of this machine alone. Needs the extra `scale`."""

import os
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from fondaco.adapters.workers.ordered import in_order
from fondaco.adapters.workers.parcel import packed
from fondaco.adapters.workers.ray_crew import Crew, first_line
from fondaco.core.errors import Unavailable
from fondaco.core.workers import closed

STORE_BYTES_MAX = 1 << 30
"""Most memory for what a local cluster shares and gives back."""

VARIABLES = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anyone
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of a default that will change
}

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class RayWorkers:
    """Workers of a Ray cluster: the one at `address`, or without one a local cluster of `count`.

    The connection is made when it is first needed, and a cluster that runs in this process
    already is used as it stands. An item whose worker dies is begun once more.
    """

    def __init__(self, address: str | None = None, count: int | None = None) -> None:
        self._address = address
        self._count = count
        self._ray: Any = None
        self._ours = False
        self._closed = False
        self._shipped: tuple[Any, Any, Any] | None = None
        self._crew: Crew | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        local = "ray" if self._count is None else f"ray:{self._count}"
        return local if self._address is None else self._address

    @property
    def count(self) -> int:
        """How many cores the cluster has, or as many as were asked for."""
        if self._count is None:
            self._count = max(1, int(self._connected().cluster_resources().get("CPU", 1)))
        return self._count

    def map(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        """Yield each item's result in order; closing kills the workers that are in hand.

        `shared` is put into the cluster's store once and opened once by each worker. Raises
        Unavailable where Ray is not installed, or its cluster cannot be reached.
        """
        if self._closed:
            raise closed(self.name)
        return self._mapped(function, shared, items)

    def _mapped(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        self._connected()
        crew = self._crew = self._crew or Crew(self._ray, self.name, self.count, self._cpus)
        kept = self._kept(function, shared)
        try:
            yield from in_order(
                items,
                self.count,
                lambda item: crew.begin(kept, packed(item)),
                crew.finish,
                crew.drop,
            )
        finally:
            if self._address is not None:
                crew.rest()  # others may want the cluster's cores

    @property
    def _cpus(self) -> int:
        """How many cores a worker holds: on this machine none, so that no two clusters wait."""
        return 0 if self._address is None else 1

    def _kept(self, function: Callable[[S, I], R], shared: S) -> Any:
        """Return where the function and what is shared lie in the cluster's store."""
        last = self._shipped
        if last is None or last[0] is not function or last[1] is not shared:
            # Workers of this machine find modules where this process does, as spawned ones do.
            path = sys.path if self._address is None else []
            parcel = self._ray.put((path, packed((function, shared))))
            last = self._shipped = (function, shared, parcel)
        return last[2]

    def _connected(self) -> Any:
        if self._ray is None:
            ray = _ray()
            self._ours = not ray.is_initialized()
            if self._ours:
                _start(ray, self._address, self._count)
            self._ray = ray
        return self._ray

    def close(self) -> None:
        """Leave the cluster; a local one that was started here ends."""
        self._closed = True
        self._shipped = None
        if self._crew is not None:
            self._crew.leave()
            self._crew = None
        if self._ray is not None and self._ours:
            self._ray.shutdown()
        self._ray = None


def _ray() -> Any:
    os.environ.update({name: os.environ.get(name, said) for name, said in VARIABLES.items()})
    try:
        import ray
    except ImportError as error:
        raise Unavailable(
            "Ray is not installed", remedy="Install it with `pip install fondaco[scale]`."
        ) from error
    return ray


def _start(ray: Any, address: str | None, count: int | None) -> None:
    quiet = {"logging_level": "ERROR", "log_to_driver": False}
    try:
        if address is None:
            ray.init(
                "local",
                num_cpus=count,
                include_dashboard=False,
                object_store_memory=STORE_BYTES_MAX,
                **quiet,
            )
        else:
            ray.init(address, **quiet)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise Unavailable(
            f"the Ray cluster cannot be reached: {first_line(error)}",
            value=address or "a cluster of this machine",
            remedy="Check its address and that its Ray and Python are of the versions here; one "
            "that asks for a token wants RAY_AUTH_MODE=token and its ~/.ray/auth_token here.",
        ) from error
