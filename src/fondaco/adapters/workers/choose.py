"""Workers by the words of the setting FONDACO_WORKERS."""

import os
import re

from fondaco.core.errors import InvalidInput
from fondaco.core.workers import SerialWorkers, Workers

WORKERS_MAX = 256
"""Most workers of one machine."""
WORDS = re.compile(r"(serial|threads|processes|ray)(?::([0-9]{1,4}))?|ray://[^\s/]+:[0-9]{1,5}")
"""The setting's form: a kind, a number after a colon, or the address of a Ray cluster."""


def workers_of(text: str) -> Workers:
    """Return the workers that a setting names; they start when they are first asked for work.

    `serial`; `threads`, `processes` or `ray` (a cluster of this machine), each with as many workers
    as this process has cores, or with a number as `threads:2`; `ray://host:10001` for a cluster.
    Raises InvalidInput for other words and for a number outside 1 to 256.

    >>> workers_of("threads:3").name, workers_of("serial").count
    ('threads:3', 1)
    """
    found = WORDS.fullmatch(text)
    if found is None or (found[1] == "serial" and found[2]):
        raise InvalidInput(
            "these workers are not known",
            value=text,
            bound="serial, threads, threads:N, processes:N, ray, ray:N, ray://host:port",
            remedy="Correct FONDACO_WORKERS, or unset it.",
        )
    kind = found[1] or text
    if kind == "serial":
        return SerialWorkers()
    return _built(kind, _count(found[2]))


def _built(kind: str, count: int) -> Workers:
    if kind == "threads":
        from fondaco.adapters.workers.threads import ThreadWorkers

        return ThreadWorkers(count)
    if kind == "processes":
        from fondaco.adapters.workers.processes import ProcessWorkers

        return ProcessWorkers(count)
    from fondaco.adapters.workers.ray import RayWorkers

    return RayWorkers(count=count) if kind == "ray" else RayWorkers(kind)


def _count(words: str | None) -> int:
    if words is None:
        return _cores()
    if not 1 <= int(words) <= WORKERS_MAX:
        raise InvalidInput("too few or too many workers", value=words, bound=f"1 to {WORKERS_MAX}")
    return int(words)


def _cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS does not say
        return os.cpu_count() or 1
