"""Which judges look at the rows of each kind, in order."""

from collections.abc import Mapping

from fondaco.market.gate.judge import Judge

JUDGES: Mapping[str, tuple[Judge, ...]] = {}
