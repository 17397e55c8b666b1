"""A measure's value in words, and the lines of a detail that report and page both show."""

from fondaco.backtest.detail import Charges, Detail
from fondaco.portfolio.measures.table import MEASURES

SHARE_SIGNED = frozenset(
    {"total_return", "cagr", "mean_annual", "max_drawdown", "average_drawdown", "alpha"}
)


def measure_words(name: str, value: float | None, currency: str) -> str:
    """Return a measure's value in words; a dash where it has none.

    >>> measure_words("cagr", 0.0712, "USD"), measure_words("sharpe", None, "USD")
    ('+7.12 %', '–')
    """
    if value is None:
        return "–"
    unit = MEASURES[name].unit
    if unit == "share":
        sign = "+z" if name in SHARE_SIGNED else "z"
        return f"{value * 100:{sign},.2f} %"
    if unit == "money":
        return f"{value:z,.2f} {currency}"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:z,.1f} days" if unit == "days" else f"{value:z,.2f}"


def measure_rows(detail: Detail, currency: str) -> list[tuple[str, str, str]]:
    """Return title, value in words and formula of every measure, in the order of `MEASURES`."""
    return [
        (measure.title, measure_words(name, detail.measures.get(name), currency), measure.formula)
        for name, measure in MEASURES.items()
    ]


def charge_rows(charges: Charges, currency: str) -> list[tuple[str, str]]:
    """Return what was paid (minus) and received (plus), each line apart; what is None left out."""
    lines = [
        ("Fees and commissions", -charges.fees),
        ("Exchange of money", -charges.exchange),
        ("Half the spread, in the prices", None if charges.spread is None else -charges.spread),
        ("Impact, in the prices", None if charges.impact is None else -charges.impact),
        ("Interest paid", -charges.interest_paid),
        ("Interest received", charges.interest_received),
        ("Borrowed shares", -charges.borrow),
        ("Dividends paid on shorts", -charges.dividends_paid),
        ("Dividends received", charges.dividends_received),
        ("Cash for parts of shares", charges.fractions),
    ]
    found = [(name, f"{amount:+z,.2f} {currency}") for name, amount in lines if amount is not None]
    if charges.spread is None:
        found.append(("Spread and impact", "none is conceded by these costs"))
    return found


def attribution_tables(detail: Detail) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return title and lines of each split of the total return; each adds up to the total."""
    shares = detail.attributed
    rest = [("Costs", shares.costs), ("Interest and borrowed shares", shares.other)]
    total = [("Total return", shares.total)]
    tables = [
        ("By instrument", [(one.name, one.value) for one in shares.by_instrument] + rest + total),
        ("By sector", [(one.name, one.value) for one in shares.by_sector] + rest + total),
        ("By year, costs included", [(one.name, one.value) for one in shares.by_year] + total),
    ]
    return [(f"Where the return came from: {name.lower()}", lines) for name, lines in tables]


def thinned_words(count: int, sessions: int) -> str:
    """Return how a curve was thinned, empty where it was not.

    >>> thinned_words(1_000, 4_000)
    'Every 4th session is drawn.'
    """
    if count >= sessions or count == 0:
        return ""
    step = -(-sessions // count)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(step if step < 20 else step % 10, "th")
    return f"Every {step}{ending} session is drawn."
