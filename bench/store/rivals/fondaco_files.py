"""Ours without the fast copy: data files alone."""

from bench.store.rivals import fondaco


class Side(fondaco.Side):
    """The store of record, compacted."""

    fast = False
