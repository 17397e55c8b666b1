"""A card and a backtest to explain, written out by hand."""

from datetime import UTC, datetime
from decimal import Decimal

from fondaco.core.facts import Fact, Source
from fondaco.insight.ports import Item, Subject, Word, WordKind, day, minute

AS_OF = datetime(2019, 6, 28, 20, tzinfo=UTC)


def fact(name: str, value: str, unit: str) -> Fact:
    """Return a fact of one stored row."""
    return Fact(name, Decimal(value), unit, AS_OF, Source("bars_1d", ("I-aapl",), ("close",)))


def name(text: str) -> Word:
    """Return a word that names something of ours."""
    return Word(text, WordKind.NAME)


VERDICTS = (
    Item(
        {"rule": name("position"), "judgement": name("PASS")},
        {
            "value": fact("position share", "0.0987", "share"),
            "limit": fact("position limit", "0.1", "share"),
        },
    ),
    Item(
        {"rule": name("liquidity"), "rule_id": name("liquidity"), "judgement": name("NOT JUDGED")}
    ),
    Item(
        {"rule": name("regime"), "judgement": name("FAIL")},
        {
            "value": fact("index volatility", "0.41", "share"),
            "limit": fact("volatility limit", "0.35", "share"),
        },
    ),
    Item({"rule": name("sector"), "judgement": name("PASS")}),
)


def card(state: str = "PROPOSED") -> Subject:
    """Return a card of 50 shares at 197.92, with evidence and four verdicts."""
    return Subject(
        "TC-17",
        "card",
        "TC-17: buy AAPL",
        "bundled",
        {
            "id": Word("TC-17", WordKind.ID),
            "side": name("buy"),
            "account": name("paper"),
            "symbol": Word("AAPL", WordKind.SYMBOL),
            "as_of_day": day(AS_OF),
            "expires": minute(AS_OF),
            "source": name("momentum"),
            "state": Word(state),
            "catalyst": Word("rank rose 12.5% in 3 weeks"),
            "label": Word("bundled"),
            "moved_at": minute(AS_OF),
            "by": Word("ada"),
            "reason": Word("changed my mind"),
        },
        {
            "quantity": fact("order quantity", "50", "shares"),
            "reference_price": fact("reference price", "197.92", "price USD"),
            "notional": fact("order value", "9896.00", "USD"),
            "weight": fact("target weight", "0.0987", "share"),
            "cost_estimate": fact("fee estimate", "4.95", "USD"),
            "worst_case": fact("worst case", "9896.00", "USD"),
        },
        {
            "evidence": (
                Item(
                    {"name": name("momentum 12-1"), "day": day(AS_OF)},
                    {"value": fact("momentum 12-1", "0.1834", "share")},
                ),
            ),
            "verdicts": VERDICTS,
        },
    )


def backtest() -> Subject:
    """Return a backtest whose Sortino ratio is not known."""
    return Subject(
        "BT-3",
        "backtest",
        "BT-3: momentum",
        "bundled",
        {
            "id": Word("BT-3", WordKind.ID),
            "strategy": name("momentum"),
            "since_day": day(datetime(2000, 1, 3, tzinfo=UTC)),
            "until_day": day(datetime(2018, 12, 31, tzinfo=UTC)),
            "fill_point": name("close"),
            "label": Word("bundled"),
        },
        {
            "sessions": fact("sessions", "4778", "sessions"),
            "start_equity": fact("equity at the start", "100000", "USD"),
            "end_equity": fact("equity at the end", "412345.678", "USD"),
            "cagr": fact("CAGR", "0.0774", "share"),
            "vol_annual": fact("volatility", "0.1912", "share"),
            "sharpe": fact("Sharpe ratio", "0.485", "ratio"),
            "max_drawdown": fact("maximum drawdown", "-0.5123", "share"),
            "turnover_annual": fact("turnover", "3.2", "ratio"),
            "fills": fact("fills", "812", "fills"),
            "cost": fact("fees", "4321.5", "USD"),
            "trials_strategy": fact("trials of the strategy", "1", "trials"),
            "trials_family": fact("trials of the family", "3", "trials"),
            "trials_desk": fact("trials of the desk", "7", "trials"),
            "trials_effective": fact("effective trials of the desk", "4.2", "trials"),
            "luck_sharpe": fact("Sharpe ratio of luck", "0.31", "ratio"),
            "deflated": fact("deflated Sharpe ratio", "0.87", "probability"),
            "sharpe_low": fact("Sharpe ratio, low", "0.05", "ratio"),
            "sharpe_high": fact("Sharpe ratio, high", "0.92", "ratio"),
        },
        {"parameters": (Item({"name": name("top")}, {"value": fact("top", "5", "shares")}),)},
    )
