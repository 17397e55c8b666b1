"""A backtest as words and facts: all that insight ever sees of it."""

from datetime import UTC, datetime, time
from decimal import Decimal

from fondaco.backtest.result import BacktestResult, Metrics
from fondaco.core.facts import Fact, Source
from fondaco.desk.card_subject import LABELS, name
from fondaco.insight.ports import Item, Subject, Word, WordKind, day

_PLACES = Decimal("0.000001")


def backtest_subject(result: BacktestResult) -> Subject:
    """Return a backtest; a ratio without a meaning is left out, and so said to be not known."""
    return Subject(
        id=result.id,
        kind="backtest",
        title=f"{result.id}: {result.strategy}",
        label=result.label.value,
        words=_words(result),
        facts=backtest_facts(result),
        lists={
            "parameters": tuple(
                _parameter(result, key, value) for key, value in sorted(result.parameters.items())
            )
        },
    )


def backtest_facts(result: BacktestResult) -> dict[str, Fact]:
    """Return the numbers of a backtest as facts, by the names that its sentences use."""
    metrics = result.metrics
    shares = {
        "cagr": metrics.cagr,
        "vol_annual": metrics.vol_annual,
        "max_drawdown": metrics.max_drawdown.depth,
        "turnover_annual": metrics.turnover_annual,
    }
    ratios = {"sharpe": metrics.sharpe, "sortino": metrics.sortino}
    made = {key: _fact(result, key, value, "share") for key, value in shares.items()}
    made |= {key: _fact(result, key, value, "ratio") for key, value in ratios.items()}
    counts = {"sessions": result.sessions, "fills": result.fills}
    made |= {key: _fact(result, key, value, key) for key, value in counts.items()}
    made |= _standing_facts(result)
    money = {"start_equity": result.capital, "end_equity": result.end_equity, "cost": metrics.cost}
    made |= {key: _fact(result, key, value, result.currency) for key, value in money.items()}
    return {key: fact for key, fact in made.items() if fact is not None}


def _standing_facts(result: BacktestResult) -> dict[str, Fact | None]:
    """Return what the trials behind a result leave of it; nothing for one without a standing."""
    found = result.standing
    if found is None:
        return {}
    trials = {
        "trials_strategy": found.own.raw,
        "trials_family": found.family.raw,
        "trials_desk": found.desk.raw,
        "trials_effective": found.desk.effective,
    }
    shares = {"deflated": found.deflated, "overfit": found.overfit}
    ratios = {
        "luck_sharpe": found.luck_sharpe,
        "sharpe_low": found.sharpe_low,
        "sharpe_high": found.sharpe_high,
    }
    return {
        **{key: _fact(result, key, value, "trials") for key, value in trials.items()},
        **{key: _fact(result, key, value, "share") for key, value in shares.items()},
        **{key: _fact(result, key, value, "ratio") for key, value in ratios.items()},
    }


def _words(result: BacktestResult) -> dict[str, Word]:
    return {
        "id": Word(result.id, WordKind.ID),
        "strategy": name(result.strategy),
        "since_day": day(_close_of(result.since)),
        "until_day": day(_close_of(result.until)),
        "fill_point": name(result.fill_point),
        "label": Word(LABELS[result.label.value]),
    }


def _close_of(session: object) -> datetime:
    return datetime.combine(session, time.max, tzinfo=UTC)  # type: ignore[arg-type]


def _parameter(result: BacktestResult, key: str, value: object) -> Item:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    fact = _fact(result, f"parameter {key}", number, "")
    return Item({"name": name(key)}, {} if fact is None else {"value": fact})


def _fact(
    result: BacktestResult, key: str, value: Decimal | float | None, unit: str
) -> Fact | None:
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value)).quantize(_PLACES)
    source = Source("backtests", (result.id,), version=result.data_version, method=_method(key))
    return Fact(key.replace("_", " "), exact, unit, _close_of(result.until), source)


def _method(key: str) -> str:
    return f"portfolio.measures: {key}" if key in Metrics.__dataclass_fields__ else "as recorded"
