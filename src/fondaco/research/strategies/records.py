"""The honest record of each strategy on the bundled data, as the engine measured it."""

from collections.abc import Mapping
from datetime import date

from fondaco.research.results import HonestRecord

SAMPLE = (
    "Records are of 20 large US shares, 1990 to 2022, that were still large in 2022. Survivors "
    "flatter every strategy that buys shares, and a strategy that sells them short looks worse "
    "than it was. Compare each with buy_and_hold, never with zero."
)
"""What must be said wherever a record is shown."""

RECORDS: Mapping[str, HonestRecord] = {
    "buy_and_hold": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.15, 0.2027, 0.79, -0.4918, 0.02
    ),
    "sma_trend": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.1467, 0.1574, 0.95, -0.2816, 0.71
    ),
    "donchian_trend": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.0533, 0.0769, 0.71, -0.1607, 2.71
    ),
    "momentum": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.2329, 0.2546, 0.95, -0.524, 3.31
    ),
    "dual_momentum": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.2544, 0.2515, 1.03, -0.4408, 2.82
    ),
    "short_term_reversal": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.1393, 0.2857, 0.6, -0.6398, 40.05
    ),
    "low_volatility": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.1208, 0.1586, 0.8, -0.3566, 1.1
    ),
    "volatility_target": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.1009, 0.1083, 0.94, -0.2049, 0.52
    ),
    "risk_parity": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.1551, 0.1736, 0.92, -0.4508, 0.38
    ),
    "pairs": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, -0.0011, 0.0293, -0.02, -0.2135, 1.53
    ),
    "long_short_rank": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.0116, 0.1202, 0.16, -0.4398, 2.62
    ),
    "turn_of_month": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.0629, 0.0802, 0.8, -0.2126, 11.89
    ),
    "lightgbm": HonestRecord(
        date(1995, 1, 3), date(2022, 12, 28), 5.0, 0.2017, 0.2766, 0.8, -0.6319, 6.83
    ),
}
"""Records by strategy; `docs/records.py` measured them with the defaults."""
