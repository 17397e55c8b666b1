"""The honest record of each strategy on the bundled data, as the engine measured it."""

from collections.abc import Mapping

from fondaco.research.results import HonestRecord

SAMPLE = (
    "Records are of 20 large US shares, 1990 to 2022, that were still large in 2022. Survivors "
    "flatter every strategy that buys shares, and a strategy that sells them short looks worse "
    "than it was. Compare each with buy_and_hold, never with zero."
)
"""What must be said wherever a record is shown."""

RECORDS: Mapping[str, HonestRecord] = {}
"""Records by strategy; measured by the engine with the defaults, never typed in by hand."""
