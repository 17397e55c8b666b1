"""Where a run's return came from: by name, sector and year, with costs apart."""

from collections.abc import Hashable, Mapping, Sequence

from fondaco.backtest.detail import Attributed, Contribution
from fondaco.backtest.movements import Movements
from fondaco.portfolio.attribution.contribution import Profits, attribute

NO_SECTOR = "no sector known"


def attributed_of(moves: Movements) -> Attributed:
    """Return what each name, sector and year added to the total return, largest first.

    Linked by Carino's coefficients (`portfolio.attribution.contribution`), so that the parts add
    up to the compounded return.
    """
    played = moves.played
    profits = Profits(played.series.equity, moves.profit, moves.cost)
    names = [instrument.symbol for instrument in played.book]
    sectors = [instrument.sector or NO_SECTOR for instrument in played.book]
    years = [str(day)[:4] for day in played.series.days[1:]]
    by_name = attribute(profits, names, periods=years)
    by_sector = attribute(profits, names, groups=sectors)
    return Attributed(
        _largest_first(by_name.by_name),
        _largest_first(by_sector.by_name),
        _contributions(by_name.by_period, by_name.periods),
        float(by_name.costs.sum()),
        float(by_name.other.sum()),
        by_name.total,
    )


def _largest_first(found: Mapping[Hashable, float]) -> tuple[Contribution, ...]:
    order = sorted(found, key=lambda name: (-found[name], str(name)))
    return _contributions(found, order)


def _contributions(
    found: Mapping[Hashable, float], order: Sequence[Hashable]
) -> tuple[Contribution, ...]:
    return tuple(Contribution(str(name), found[name]) for name in order)
