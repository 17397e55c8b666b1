"""Results in the items' order, with a bound on what is begun ahead of them."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import TypeVar

AHEAD_EACH = 2
"""Items begun for each worker before the first result is taken: one in hand, one to follow."""

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
H = TypeVar("H")
"""A handle of what was begun."""


def in_order(
    items: Sequence[I],
    count: int,
    begin: Callable[[I], H],
    finish: Callable[[H], R],
    cancel: Callable[[Sequence[H]], None],
) -> Generator[R, None, None]:
    """Yield what each item gives, in order; at the end, cancel what was begun and not taken.

    `begin` must not wait, `finish` waits and raises what the item raised, `cancel` never hangs.

    >>> list(in_order([1, 2, 3], 1, lambda item: item, lambda begun: begun * 2, lambda _: None))
    [2, 4, 6]
    """
    left = iter(items)
    begun: deque[H] = deque()
    try:
        begun.extend(begin(item) for item in islice(left, AHEAD_EACH * count))
        while begun:
            result = finish(begun[0])
            begun.popleft()
            begun.extend(begin(item) for item in islice(left, 1))
            yield result
    finally:
        cancel(list(begun))
