"""What the records of the built-in strategies are worth, having been measured side by side."""

from math import sqrt

from fondaco.research.strategies.records import RECORDS


def luck_of_records() -> str:
    """Return what the best of so many records would show without any skill, in words."""
    from fondaco.research.statistics.deflated import expected_maximum

    spans = [(record.until - record.since).days / 365.25 for record in RECORDS.values()]
    years = sorted(spans)[len(spans) // 2]
    luck = expected_maximum(len(RECORDS)) / sqrt(years)
    return (
        f"{len(RECORDS)} strategies were measured so, each a trial: without any skill, the best of "
        f"them would show a Sharpe ratio of about {luck:.2f} over {years:.0f} years."
    )
