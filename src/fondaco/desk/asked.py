"""The strategies that a cycle asks: those that stand on paper, as they were promoted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fondaco.core.errors import InvalidInput
from fondaco.core.ideas import Idea
from fondaco.desk.admissions import DeskAdmissions, Promoted
from fondaco.research.ports import UserStrategies
from fondaco.research.trial_ledger import Stage

if TYPE_CHECKING:
    from fondaco.market.panel import Matrix, Panel
    from fondaco.research.forecaster import Recipe
    from fondaco.research.forecasts import ForecastRun
    from fondaco.research.strategies.strategy import Strategy

LEARNER = "lightgbm"
"""The strategy whose ideas are made of the forecasts that the cycle keeps."""
HISTORY_MIN = 252
"""Sessions without which nothing is decided, whoever is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The strategies that may propose, and a note for each that may not."""

    strategies: "tuple[Strategy, ...]"
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(strategy.name for strategy in self.strategies)

    @property
    def recipe(self) -> "Recipe":
        """How the forecaster learns: as the promoted learner does, else by default."""
        from fondaco.research.forecaster import Recipe
        from fondaco.research.strategies.learned import recipe_of

        learner = next((s for s in self.strategies if s.name == LEARNER), None)
        return Recipe() if learner is None else recipe_of(learner.parameters)


def asked(admissions: DeskAdmissions) -> Asked:
    """Return whom to ask now."""
    promoted = admissions.promoted()
    allowed = [one.promotion for one in promoted if one.admission.allowed]
    notes = [_refused(one) for one in promoted if not one.admission.allowed]
    if not allowed:
        notes.append(
            "No strategy stands on paper, so no card is proposed. `fondaco backtest validate "
            "momentum` finds evidence, `fondaco research promote` asks the gate."
        )
    strategies = tuple(admissions.strategy_of(promotion) for promotion in allowed)
    return Asked(strategies, tuple(notes))


def _refused(one: Promoted) -> str:
    words = one.admission.words
    quiet = one.promotion.stage is Stage.CANDIDATE
    said = f"{words[:1].upper()}{words[1:]}"
    return f"{said}." if quiet else f"{said}. It proposes nothing until then."


def ideas_of(
    panel: "Panel",
    strategy: "Strategy",
    forecasts: "ForecastRun",
    files: Callable[[], UserStrategies],
) -> tuple[tuple[Idea, ...], str]:
    """Return what a strategy asks for at the panel's last session, and a note if it cannot say."""
    from fondaco.research.ideas import forecast_ideas, strategy_ideas, target_ideas

    if len(panel.sessions) <= strategy.warm_up and strategy.name != LEARNER:
        return (), (
            f"{strategy.name} decides first after {strategy.warm_up:,} sessions; there are "
            f"{len(panel.sessions):,}."
        )
    if strategy.name == LEARNER:
        if not forecasts.latest:
            return (), (
                f"no forecast could be made: {len(panel.sessions):,} sessions are too few to "
                "learn from"
            )
        return forecast_ideas(panel, forecasts.latest, strategy), ""
    if strategy.selection is not None:
        return strategy_ideas(panel, strategy), ""
    try:
        targets = _targets(panel, strategy, files)
        return target_ideas(panel, strategy.name, targets), ""
    except InvalidInput as error:
        return (), error.message


def _targets(panel: "Panel", strategy: "Strategy", files: Callable[[], UserStrategies]) -> "Matrix":
    if not strategy.code:
        return strategy.weights(panel)
    with files().open_source(strategy.name, strategy.code, strategy.parameters) as user:
        return user.weights(panel)
