"""How features, forecasts and strategies are drawn."""

import re

from fondaco.core.view import Block, Chart, Column, Series, Table, Text, Tone
from fondaco.research.results import (
    FeatureSheet,
    ForecastSheet,
    ParameterRow,
    Record,
    StrategyRow,
    StrategySheet,
)


def view_features(result: FeatureSheet) -> list[Block]:
    """Return the features as a table of words with their units and facts."""
    columns = (
        Column("Feature"),
        Column("Value", "number", digits=4),
        Column("Unit"),
        Column("Sessions needed", "number"),
        Column("Fact", "id"),
    )
    rows = tuple(
        (row.title, row.value, row.unit, row.sessions_needed, row.fact) for row in result.rows
    )
    title = f"Features of {result.symbol} at the close of {result.session}"
    blocks: list[Block] = [Table(title, columns, rows, label=result.origin.value)]
    missing = [row.title for row in result.rows if row.value is None]
    if missing:
        blocks.append(Text(f"Not known at this session: {', '.join(missing)}.", Tone.WARNING))
    return blocks


def view_forecasts(result: ForecastSheet) -> list[Block]:
    """Return forecasts as a chart and a table, then the record behind them."""
    if result.as_of is None:
        return [Text("No forecast was made yet. `fondaco cycle run` makes the first.", Tone.INFO)]
    columns = (
        Column("Symbol"),
        Column("Score", "number", "rank 0–1", 3),
        Column("Low", "number", "rank", 3),
        Column("High", "number", "rank", 3),
    )
    rows = tuple((row.symbol, row.score, row.low, row.high) for row in result.rows)
    day, label = result.as_of.date().isoformat(), result.origin.value
    title = f"Forecasts of {day}: rank over the next {result.horizon_sessions} sessions"
    symbols = tuple(row.symbol for row in result.rows)
    fan = tuple(
        Series(name, tuple(getattr(row, name) for row in result.rows))
        for name in ("low", "score", "high")
    )
    learnt = f"Model {result.model}"
    if result.trained_until is not None:
        learnt += f", learnt from outcomes until {result.trained_until.date().isoformat()}"
    return [
        Table(title, columns, rows, label=label),
        Chart("Score and range by symbol", symbols, fan, "rank, 0 worst to 1 best", label),
        Text(learnt + ".", Tone.MUTED),
        *_record(result.record, label),
    ]


def _record(record: Record | None, label: str) -> list[Block]:
    if record is None:
        return [
            Text(
                "None of its forecasts has reached its horizon yet: there is no record.", Tone.INFO
            )
        ]
    columns = (Column("Measure"), Column("Value", "number", digits=3), Column("By chance"))
    rows = (
        ("Rank IC, mean over dates", record.rank_ic_mean, "0"),
        ("Rank IC, standard error", record.rank_ic_error, "–"),
        ("Hit rate: right side of the middle", record.hit_rate, "0.5"),
        ("Outcomes within low and high", record.covered, "0.8"),
        ("Forecasts judged", record.forecasts, "–"),
        ("Dates judged", record.dates, "–"),
    )
    span = f"{record.since.date().isoformat()} to {record.until.date().isoformat()}"
    return [Table(f"Out-of-sample record, {span}", columns, rows, label=f"{label}, walk-forward")]


def view_strategies(result: StrategySheet) -> list[Block]:
    """Return the strategies as a table, or the one asked for in full; then their records."""
    alone = result.rows[0] if result.strategy is not None else None
    blocks = _all_strategies(result) if alone is None else _one_strategy(alone)
    luck = Text(result.luck, Tone.MUTED)
    return [*blocks, *_strategy_records(result), luck, Text(result.sample, Tone.MUTED)]


def _all_strategies(result: StrategySheet) -> list[Block]:
    columns = (Column("Strategy"), Column("Idea"), Column("Parameters"), Column("Source"))
    rows = tuple(
        (
            row.name,
            row.idea,
            ", ".join(f"{p.name} {_bounded(p)}" for p in row.parameters) or "none",
            row.source,
        )
        for row in result.rows
    )
    return [Table("Built-in strategies", columns, rows)]


def _one_strategy(row: StrategyRow) -> list[Block]:
    columns = (
        Column("Parameter"),
        Column("Default", "number", digits=2),
        Column("Least", "number", digits=2),
        Column("Most", "number", digits=2),
        Column("Whole"),
        Column("Meaning"),
    )
    rows = tuple(
        (
            p.name,
            *(int(x) if p.whole else x for x in (p.default, p.low, p.high)),
            p.whole,
            p.meaning,
        )
        for p in row.parameters
    )
    told = re.split(r"\n+(?=[A-Z][a-z]+: )", row.explanation)
    said = f"{row.name} decides first after {row.warm_up_sessions:,} sessions."
    if row.scores_names:
        said += " It scores names, so ideas and cards can be made of it."
    empty = "It has no parameters."
    return [
        *(Text(" ".join(part.split())) for part in told),
        Table(f"Parameters of {row.name}", columns, rows, empty=empty),
        Text(said, Tone.MUTED),
    ]


def _bounded(parameter: ParameterRow) -> str:
    return f"{parameter.default:g} ({parameter.low:g} to {parameter.high:g})"


def _strategy_records(result: StrategySheet) -> list[Block]:
    columns = (
        Column("Strategy"),
        Column("From", "day"),
        Column("To", "day"),
        Column("CAGR", "percent"),
        Column("Volatility", "percent"),
        Column("Sharpe", "number"),
        Column("Max drawdown", "percent"),
        Column("Turnover a year", "percent"),
    )
    rows = tuple(
        (
            row.name,
            found.since,
            found.until,
            found.cagr,
            found.vol_annual,
            found.sharpe,
            found.drawdown_max,
            found.turnover_annual,
        )
        for row in result.rows
        if (found := row.record) is not None
    )
    return [Table("Record, after costs", columns, rows, label="bundled, survivors")] if rows else []
