"""Which source answers, how often it may be asked, how long its answer counts as present."""

from fondaco.market.feed.errors import NoSource, OverBudget
from fondaco.market.feed.feed import Feed, Refreshed, Report
from fondaco.market.feed.ports import Asked, Due, Intake, Taken
from fondaco.market.feed.values import Answer, Attempt, Choice, Freshness, Outcome, Tier, Wanted

__all__ = [
    "Answer",
    "Asked",
    "Attempt",
    "Choice",
    "Due",
    "Feed",
    "Freshness",
    "Intake",
    "NoSource",
    "Outcome",
    "OverBudget",
    "Refreshed",
    "Report",
    "Taken",
    "Tier",
    "Wanted",
]
