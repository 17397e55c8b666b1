"""Chance from the operating system."""

import os


def system_entropy(count: int) -> bytes:
    """Return random bytes fit for identifiers and keys.

    >>> len(system_entropy(10))
    10
    """
    return os.urandom(count)
