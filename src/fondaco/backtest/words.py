"""What is said of a backtest in words: its fill rule, its trials, and what to be careful of."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from fondaco.core.instrument import Origin
from fondaco.trading.cost_model.model import FLAT, CostModel
from fondaco.trading.simulator.terms import Terms

YEARS_FEW = 5
YEAR = 252
STALE_SESSIONS = 10


def fill_rule(fill_point: Literal["open", "close"]) -> str:
    """Return the fill rule as every page and report says it.

    >>> fill_rule("close")
    'Closes only: an order decided at a close fills at the next close.'
    """
    if fill_point == "open":
        return "An order decided at a close fills at the next open."
    return "Closes only: an order decided at a close fills at the next close."


def cost_words(model: CostModel, currency: str) -> str:
    """Return what a fill costs, in words.

    >>> cost_words(CostModel.flat(Decimal(5), Decimal("1.00")), "USD")
    '5 bps of the traded value, at least 1.00 USD a fill'
    """
    about, flat = model.table.about, model.name == FLAT
    said = [_flat(model, currency) if flat else f"{about[:1].lower()}{about[1:].rstrip('.')}"]
    if model.half_spread_bps:
        said.append(f"half a spread of {model.half_spread_bps.normalize():f} bps")
    if model.impact_sqrt or model.impact_linear:
        said.append("the order's own effect on the price")
    notes = [] if flat else [currency]
    if model.fitted_at is not None:
        notes.append(f"fitted on {model.fitted_at.isoformat()}")
    return "; ".join(said) + (f" ({', '.join(notes)})" if notes else "")


def _flat(model: CostModel, currency: str) -> str:
    (line,) = model.table.schedules[0].lines
    bps = line.rate.scaleb(4).normalize()
    return f"{bps:f} bps of the traded value, at least {line.minimum:.2f} {currency} a fill"


def benchmark_words(symbol: str) -> str:
    """Return what must be known to compare with the index.

    >>> benchmark_words("SPX")
    'SPX is a price index: it pays no costs and leaves dividends out; adjusted prices hold them.'
    """
    return (
        f"{symbol} is a price index: it pays no costs and leaves dividends out; adjusted "
        "prices hold them."
    )


def short_span(sessions: int, sharpe_error: float) -> str | None:
    """Return the warning for a short span: how little its Sharpe ratio says."""
    if sessions >= YEARS_FEW * YEAR:
        return None
    return (
        f"The span is short: {sessions:,} sessions. Its Sharpe ratio is uncertain by about "
        f"{sharpe_error:.2f} either way (one standard error)."
    )


def best_of(sets: int, sharpe: float | None) -> str | None:
    """Return the warning that the best of many sets says little of what is to come.

    >>> best_of(12, 0.8)
    'The best of 12 sets was chosen by its result: its Sharpe ratio of 0.80 is no forecast.'
    """
    if sets < 2 or sharpe is None:
        return None
    return (
        f"The best of {sets:,} sets was chosen by its result: its Sharpe ratio of {sharpe:.2f} is "
        "no forecast."
    )


def survivors(label: Origin, names: int) -> str | None:
    """Return the warning that bundled names are known to have survived."""
    if label is not Origin.BUNDLED:
        return None
    return (
        f"The bundled prices hold {names} large shares that were still listed at their end: "
        "firms that failed are missing, so every result looks better than it was."
    )


def went_below_zero(lowest: Decimal, currency: str, terms: Terms) -> str | None:
    """Return the warning that the account owed cash, and what it paid for it."""
    if lowest >= 0:
        return None
    rate = terms.carry.debit
    paid = f"It paid {_share(rate)} a year for it." if rate else "No interest was charged."
    return (
        f"Cash fell to {lowest:,.2f} {currency}: more was bought than there was cash, by leverage "
        f"or because prices moved by more than the {_share(terms.buffer)} kept back. {paid}"
    )


def went_short(shorts: int, terms: Terms) -> str | None:
    """Return the warning that positions were short, and what they paid for their shares."""
    if not shorts:
        return None
    rate = terms.carry.borrow
    paid = f"paid {_share(rate)} a year of borrow" if rate else "paid no borrow"
    return f"{shorts:,} sessions held short positions, which {paid}."


def _share(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def held_back(blocked: Mapping[str, int], not_judged: Mapping[str, int]) -> str | None:
    """Return what the guardrails kept from being sent, and what they could not judge.

    >>> held_back({"liquidity": 2}, {"event_window": 31})
    'Guardrails held orders back: liquidity 2. Not judged for want of data: event_window 31.'
    """
    said = []
    if blocked:
        said.append(f"Guardrails held orders back: {_counts(blocked)}.")
    if not_judged:
        said.append(f"Not judged for want of data: {_counts(not_judged)}.")
    return " ".join(said) or None


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def still_open(orders: int) -> str | None:
    """Return the warning that some orders met no bar."""
    if not orders:
        return None
    words = "1 order was" if orders == 1 else f"{orders:,} orders were"
    return f"{words} still working at the end: no bar came to fill them."


def old_prices(symbols: tuple[str, ...]) -> str | None:
    """Return the warning that positions are valued at old closes."""
    if not symbols:
        return None
    return (
        f"Positions without a price in the last {STALE_SESSIONS} sessions are valued at their "
        f"last close: {', '.join(symbols)}."
    )


def cut_short(asked: str, given: str, which: Literal["start", "end"]) -> str:
    """Return the warning that prices do not reach as far as was asked.

    >>> cut_short("2030-12-31", "2022-12-28", "end")
    'Prices end on 2022-12-28; the span asked for ends on 2030-12-31.'
    """
    return f"Prices {which} on {given}; the span asked for {which}s on {asked}."
