"""Promotions for tests of what comes after the gate."""

from datetime import UTC, datetime

from fondaco.research.strategies.strategy import Strategy, code_hash
from fondaco.research.trial_ledger import Promotion, Stage

AT = datetime(2010, 1, 4, tzinfo=UTC)


def promotion_of(
    strategy: Strategy, stage: Stage = Stage.PAPER, override: str = "", at: datetime = AT
) -> Promotion:
    """Return the promotion of a strategy as it is now, as if the gate had let it pass."""
    return Promotion(
        id="",
        strategy=strategy.name,
        family=strategy.family,
        code=code_hash(strategy),
        parameters=dict(strategy.parameters),
        stage=stage,
        evidence="EV-1",
        conditions=(),
        override=override,
        author="ada",
        surface="cli",
        at=at,
    )
