"""The rules of docs/explanation/fills.md once more, in plain exact fractions.

Written from the page alone, one step after another, without a line of the code under test: it is
the independent source of what the engines must give.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from fondaco.market.panel import Matrix, Panel
from fondaco.trading.simulator.terms import Terms
from unit.backtest.scene import Told

KEPT_BACK = Fraction(1, 100)


def _price(number: float) -> Decimal:
    """A price at its sixth decimal, half to even; 0 for none."""
    if number != number:  # NaN
        return Decimal(0)
    return Decimal(repr(float(number))).quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN)


def _fee(value: Fraction, terms: Terms) -> Decimal:
    (line,) = terms.costs.table.schedules[0].lines
    exact = value * Fraction(line.rate)
    cents = Decimal((exact * 100).numerator) / Decimal((exact * 100).denominator)
    return max(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP) / 100, line.minimum)


def played_by_hand(panel: Panel, weights: Matrix, terms: Terms, first: int = 0) -> Told:
    """Play the weights as the page says and return orders, fills, equity and cash."""
    names = range(len(panel.instruments))
    trades_at = panel.fields.get("open", panel.close)
    cash, held = Decimal(terms.capital) / 1_000_000, dict.fromkeys(names, 0)
    working: dict[int, int] = {}
    wanted: dict[int, Fraction] = {}
    seen = {n: Decimal(0) for n in names}
    told = Told([], [], [], [], Decimal(0))
    fees = Decimal(0)
    for row in range(len(weights)):
        bars = {n: _price(panel.close[row, n]) for n in names}
        for n in [n for n in names if n in working and bars[n]]:
            price, quantity = _price(trades_at[row, n]), working.pop(n)
            fee = _fee(Fraction(price) * abs(quantity), terms)
            cash, held[n], fees = cash - price * quantity - fee, held[n] + quantity, fees + fee
            told.fills.append((row, n, quantity, price, fee))
        seen |= {n: bar for n, bar in bars.items() if bar}
        if row < first:
            continue
        equity = cash + sum(seen[n] * held[n] for n in names)
        told.cash.append(cash)
        told.equity.append(equity)
        for n in names:
            if weights[row, n] == weights[row, n]:  # not NaN
                wanted[n] = Fraction(round(float(weights[row, n]) * 10**9), 10**9)
        for n in [n for n in names if n in wanted and bars[n] and n not in working]:
            change = _target(wanted.pop(n), equity, bars[n]) - held[n]
            ends = change + held[n] == 0
            if change and (ends or abs(change) * bars[n] * 1_000_000 >= terms.trade_min):
                working[n] = change
                told.orders.append((row, n, change))
    return Told(told.orders, sorted(told.fills), told.equity, told.cash, fees)


def _target(weight: Fraction, equity: Decimal, price: Decimal) -> int:
    """Whole shares, cut towards zero; what is invested is cut to the millionth first."""
    kept_back = _millionths(Fraction(max(equity, Decimal(0))) * KEPT_BACK)
    value = _millionths((Fraction(max(equity, Decimal(0))) - kept_back) * abs(weight))
    shares = int(value / Fraction(price))
    return shares if weight > 0 else -shares


def _millionths(value: Fraction) -> Fraction:
    return Fraction(int(value * 1_000_000), 1_000_000)
