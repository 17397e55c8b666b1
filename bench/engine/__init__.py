"""The engine beside plain numpy: the same orders, fills and equity, timed in one run."""
