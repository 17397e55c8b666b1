"""Who stands on paper: the strategies that the gate, or a person, promoted, as they were then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fondaco.core.errors import FondacoError
from fondaco.research.ports import UserStrategies
from fondaco.research.trial_ledger import Promotion, PromotionStore, Stage
from fondaco.trading.ports import Admission

if TYPE_CHECKING:
    from fondaco.research.strategies.strategy import Strategy  # it compiles kernels


@dataclass(frozen=True, slots=True)
class Promoted:
    """A promotion in force, and whether its strategy's ideas may become cards now."""

    promotion: Promotion
    admission: Admission


class DeskAdmissions:
    """Reads the promotions in force, and holds each to the code that it was given for."""

    def __init__(
        self, promotions: PromotionStore, strategies: Callable[[], UserStrategies]
    ) -> None:
        self._promotions = promotions
        self._strategies = strategies

    def admitted(self, source: str) -> Admission:
        """Return whether a source's ideas may become cards now, and by what decision."""
        current = self._promotions.list(strategy=source, limit=1)
        if not current:
            return Admission(
                False,
                f"{source} was never promoted to paper: `fondaco backtest validate {source}` finds "
                "the evidence, `fondaco research promote` asks the gate",
            )
        return self._judged(current[0])

    def promoted(self) -> tuple[Promoted, ...]:
        """Return each strategy that was ever promoted, by name, with what holds of it now."""
        return tuple(Promoted(one, self._judged(one)) for one in self._promotions.current())

    def _judged(self, promotion: Promotion) -> Admission:
        name = promotion.strategy
        if promotion.stage is Stage.CANDIDATE:
            return Admission(False, f"{name} was taken off paper by {promotion.id}")
        try:
            code = self.code_now(promotion)
        except FondacoError as error:
            return Admission(False, f"{name} cannot be found as it was promoted: {error.message}")
        if code != promotion.code:
            return Admission(
                False,
                f"the code of {name} changed since {promotion.id} promoted it: validate it again",
            )
        return Admission(True, standing_words(promotion), override=bool(promotion.override))

    def code_now(self, promotion: Promotion) -> str:
        """Return the hash of the code that a promotion's strategy has now; raises NotFound."""
        from fondaco.research.strategies.strategy import code_hash

        return code_hash(self.strategy_of(promotion))

    def strategy_of(self, promotion: Promotion) -> "Strategy":
        """Return a promoted strategy with its parameters; one of a user's file is not opened."""
        from fondaco.research.strategies.found import strategy_found

        return strategy_found(self._strategies(), promotion.strategy, promotion.parameters)


def standing_words(promotion: Promotion) -> str:
    """Return by what decision a strategy stands where it stands, as its cards say it."""
    day = promotion.at.date().isoformat()
    if promotion.override:
        return f"{promotion.id}, override of {promotion.author} on {day}: {promotion.override}"
    return f"{promotion.id}, by the gate on {day} from {promotion.evidence}"
