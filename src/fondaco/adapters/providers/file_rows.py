"""Rows of any kind out of a file: its columns as mapped, in the kind's types, with their times."""

from datetime import datetime, timedelta

import polars as pl

from fondaco.adapters.providers.file_bars import SYMBOL
from fondaco.adapters.providers.file_cells import says_something, typed, why_unreadable
from fondaco.adapters.providers.file_faults import unreadable_faults
from fondaco.adapters.providers.file_habits import habit_of, is_of_instruments, name_of
from fondaco.adapters.providers.file_habits import mapped_names as names_of
from fondaco.adapters.providers.file_mapping import MADE, label, resolved
from fondaco.adapters.providers.file_options import FileOptions, columns_of
from fondaco.adapters.providers.file_shape import reshaped
from fondaco.adapters.providers.file_spans import as_listings, as_revisions, changes_as_spans
from fondaco.adapters.providers.file_table import PLACE
from fondaco.adapters.providers.file_things import instruments_of, symbols_of
from fondaco.adapters.providers.file_times import at_hour, day_end, days
from fondaco.core.errors import InvalidInput
from fondaco.market.kinds import Kind, kind_named
from fondaco.market.ports import Ask, Parsed
from fondaco.market.tables import PARSED, UTC_TIME

SPLIT_BELOW, SPLIT_ABOVE = 0.8, 1.0
"""A factor that no one names is of a split at four for five and beyond, else of a dividend."""
MONTHS = {"M": 1, "Q": 3, "SA": 6, "A": 12}
"""How many months a period has that is dated by its first day, by its frequency."""
_TIMED = frozenset({"ts", "known_at", "source", "instrument", "member"})


def read_rows(
    table: pl.DataFrame, about: pl.DataFrame | None, options: FileOptions, ask: Ask, at: datetime
) -> Parsed:
    """Return the rows of a file's kind, with a fault for each row that cannot be read.

    `about` is a table of facts that is joined to the rows. Raises InvalidInput when columns are
    wrong, or times could mean several moments.
    """
    kind = kind_named(options.kind)
    table, columns = _prepared(table, about, kind, options)
    rows = _columns(table, columns, kind, options)
    symbols = symbols_of(table, columns, options)
    wrong = _wrong(table, rows, columns, kind, symbols)
    faults = unreadable_faults(table, wrong, symbols, options, at, kind.name)
    instruments = {}
    if is_of_instruments(kind.name):
        good = wrong.is_null() & _asked(rows, symbols, kind, ask)
        instruments = instruments_of(table.filter(good), columns, symbols.filter(good), options)
        ids = symbols.replace_strict(
            {symbol: i.id for symbol, i in instruments.items()},
            default=None,
            return_dtype=pl.String,
        )
        rows = rows.with_columns(
            ids.alias(name) for name in ("instrument", "member") if name in kind.parsed
        )
    if "root" in kind.parsed:
        rows = rows.with_columns(root=pl.coalesce("root", pl.lit(symbols)))
    rows = _timed(rows, table, columns, kind, options)
    wanted = wrong.is_null() & _asked(rows, symbols, kind, ask)
    rows, table = rows.filter(wanted), table.filter(wanted)
    if options.shape.spans == "listings":
        rows = as_listings(rows, table, columns, options)
    elif options.shape.spans == "revisions":
        rows = as_revisions(rows, options)
    rows = _finished(rows, kind, options)
    rows = _within(rows.with_columns(source=pl.lit(options.source)), ask, options)
    return Parsed(
        pl.DataFrame(schema=PARSED),
        tuple(instruments.values()),
        faults,
        rows={kind.name: rows.select(list(kind.parsed)).cast(kind.parsed)},  # type: ignore[arg-type]
    )


def _prepared(
    table: pl.DataFrame, about: pl.DataFrame | None, kind: Kind, options: FileOptions
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the table as one row per thing, and the file's column of each of our names."""
    table, mapping = reshaped(table, options.shape, options.mapping)
    table, mapping = resolved(table, mapping)
    names = names_of(kind.name)
    columns = columns_of([c for c in table.columns if c != PLACE], "mapping", names, mapping, ())
    if options.shape.changes is not None:
        kept = {ours: theirs for ours, theirs in columns.items() if theirs.startswith(MADE)}
        constants = {ours: table[theirs][0] for ours, theirs in kept.items() if table.height}
        table, columns = changes_as_spans(table, columns, options)
        table = table.with_columns(pl.lit(cell).alias(ours) for ours, cell in constants.items())
        columns |= {ours: ours for ours in constants}
    day = habit_of(kind.name).day
    if "date" in columns and day in names and day not in columns:
        columns[day] = columns["date"]
    if about is not None:
        table, columns = _joined(table, columns, about, names, options)
    if options.shape.empty:
        told = columns.get(options.shape.empty)
        if told is None:
            raise InvalidInput(
                "the column whose empty cells are no rows is not mapped",
                value=options.shape.empty,
                bound=", ".join(columns),
            )
        table = table.filter(says_something(table[told]))
    _check_complete(table, columns, kind, options)
    return table, columns


def _joined(
    table: pl.DataFrame,
    columns: dict[str, str],
    about: pl.DataFrame,
    names: tuple[str, ...],
    options: FileOptions,
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Join facts by the first column that their mapping names."""
    theirs = dict(options.about_mapping)
    key = next(iter(theirs), "")
    columns_of([c for c in about.columns if c != PLACE], "about_mapping", names, theirs, ())
    if key not in columns or len(theirs) < 2:
        raise InvalidInput(
            "the table about the rows needs a mapping: what it is joined by, and what it tells",
            value=", ".join(about.columns[:-1]),
            bound=", ".join(columns),
            remedy='Write it like --option about_mapping="series=series_id,frequency=freq".',
        )
    told = {ours: f"{MADE}about {name}" for ours, name in theirs.items() if ours != key}
    facts = about.select(
        about[theirs[key]].cast(pl.String).str.strip_chars().alias("\x00key"),
        *(about[theirs[ours]].alias(name) for ours, name in told.items()),
    ).unique("\x00key", keep="last", maintain_order=True)
    on = table[columns[key]].cast(pl.String).str.strip_chars().alias("\x00key")
    met = table.with_columns(on).join(facts, on="\x00key", how="left", maintain_order="left")
    return met.drop("\x00key"), columns | told


def _check_complete(
    table: pl.DataFrame, columns: dict[str, str], kind: Kind, options: FileOptions
) -> None:
    habit, shape = habit_of(kind.name), options.shape
    given = {*columns, *habit.fixed, *_TIMED}
    if options.times.seconds is not None:
        given.add("seconds")
    if "symbol" in columns or options.symbol:
        given.add("root")
    given.add("trade")
    if shape.items is not None:
        given |= {"unit", "start"}
    if kind.name == "actions" and "factor" in columns:
        given.add("action")
    if shape.spans == "listings":
        given |= {"action", "ex_date"}
    needed = [
        c.name for c in kind.columns if c.required and name_of(kind.name, c.name) not in given
    ]
    if is_of_instruments(kind.name) and kind.name != "events" and not options.symbol:
        needed += [] if "symbol" in columns else ["symbol"]
    has_day = bool({"ts", "date", habit.day} & columns.keys()) or shape.spans == "listings"
    if not has_day and options.times.vintage is None:
        needed.append("ts" if habit.day == "date" else habit.day)
    plain = [c for c in table.columns if c != PLACE]
    columns_of(plain, "mapping", names_of(kind.name), columns, tuple(dict.fromkeys(needed)))


def _columns(
    table: pl.DataFrame, columns: dict[str, str], kind: Kind, options: FileOptions
) -> pl.DataFrame:
    """Return the kind's columns that the file has, in their types, and empty ones for the rest."""
    found = []
    for column in kind.columns:
        name = columns.get(name_of(kind.name, column.name))
        if name is not None and column.name not in {"instrument", "member", "source"}:
            found.append(typed(table, column, name, options))
        else:
            empty = pl.Series(column.name, [None], dtype=column.dtype)
            found.append(empty.new_from_index(0, table.height))
    return pl.DataFrame([*found, table[PLACE].alias("where")])


def _wrong(
    table: pl.DataFrame,
    rows: pl.DataFrame,
    columns: dict[str, str],
    kind: Kind,
    symbols: pl.Series,
) -> pl.Series:
    """Return why a row cannot be read, or null."""
    wrong = pl.Series([None], dtype=pl.String).new_from_index(0, table.height)
    for column in kind.columns:
        name = columns.get(name_of(kind.name, column.name))
        if name is None or column.dtype == pl.String():
            continue
        cells = table[name]
        lost = rows[column.name].is_null() & says_something(cells)
        if lost.any():
            why = pl.when(lost).then(why_unreadable(cells, label(name), column.dtype))
            wrong = pl.select(pl.coalesce(wrong, why)).to_series()
    if is_of_instruments(kind.name) and kind.name != "events":
        lost = ~symbols.str.contains(SYMBOL).fill_null(False)
        shown = symbols.fill_null("an empty cell")
        none = pl.when(lost).then(pl.format("{} is no symbol", pl.lit(shown)))
        wrong = pl.select(pl.coalesce(wrong, none)).to_series()
    return wrong


def _timed(
    rows: pl.DataFrame,
    table: pl.DataFrame,
    columns: dict[str, str],
    kind: Kind,
    options: FileOptions,
) -> pl.DataFrame:
    """Fill in when rows happened and when they could be known."""
    habit, times = habit_of(kind.name), options.times
    if "ts" in columns:
        ts = rows["ts"] + timedelta(seconds=times.shift)
    else:
        name = columns.get("date", columns.get(habit.day))
        if name is not None:
            on = days(table[name], times)
        else:
            on = pl.Series([times.vintage], dtype=pl.Date).new_from_index(0, table.height)
        ts = at_hour(on, times.at or habit.at, times.zone)
        if kind.name == "macro":
            ts = _period_ends(on, ts, rows["frequency"], options)
    rows = rows.with_columns(ts.cast(UTC_TIME).alias("ts"))
    if times.vintage is not None:
        known = pl.lit(day_end(times.vintage, times.zone)).cast(UTC_TIME)
        rows = rows.with_columns(known_at=pl.coalesce("known_at", known))
        if "vintage" in kind.parsed:
            rows = rows.with_columns(vintage=pl.lit(True))
    elif (times.known or habit.known) == "ts":
        rows = rows.with_columns(known_at=pl.coalesce("known_at", "ts"))
    return rows


def _period_ends(
    on: pl.Series, ts: pl.Series, frequency: pl.Series, options: FileOptions
) -> pl.Series:
    """Return the ends of periods that are dated by their first day, where the frequency is told."""
    for word, months in MONTHS.items():
        of = frequency == word
        if of.any():
            ends = at_hour(on.dt.offset_by(f"{months}mo"), "start", options.times.zone)
            ts = pl.select(pl.when(of.fill_null(False)).then(ends).otherwise(ts)).to_series()
    return ts


def _finished(rows: pl.DataFrame, kind: Kind, options: FileOptions) -> pl.DataFrame:
    """Fill in what a file need not name."""
    fixed = {
        name: pl.lit(word == "true" if kind.parsed[name] == pl.Boolean() else word)
        for name, word in habit_of(kind.name).fixed.items()
    }
    if kind.name == "bars_intraday" and options.times.seconds is not None:
        fixed["seconds"] = pl.lit(options.times.seconds)
    if kind.name == "trades":
        place = pl.int_range(pl.len()).over("instrument", "ts") + 1
        fixed["trade"] = place.cast(pl.String)
    if kind.name == "actions":
        factor = pl.col("factor")
        split = (factor <= SPLIT_BELOW) | (factor > SPLIT_ABOVE)
        fixed["action"] = pl.when(split).then(pl.lit("split")).when(factor.is_not_null()).then(
            pl.lit("dividend")
        )  # fmt: skip
    rows = rows.with_columns(pl.coalesce(name, cell).alias(name) for name, cell in fixed.items())
    return _statement(rows, options) if kind.name == "fundamentals" else rows


def _statement(rows: pl.DataFrame, options: FileOptions) -> pl.DataFrame:
    """Fill in unit and start of the items of a wide statement.

    A source that does not tell the start counts a quarter as three months, a year as twelve, and
    what runs from the start of the year as three months for each quarter.
    """
    items = options.shape.items
    if items is None:
        return rows
    item, period = pl.col("item"), pl.col("fiscal_period")
    per = item.replace_strict({n: i.per for n, i in items.items()}, default=None)
    unit = item.replace_strict({n: i.unit for n, i in items.items()}, default=None)
    year_to_date = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "FY": 12}
    quarter = dict.fromkeys(("Q1", "Q2", "Q3", "Q4"), 3) | {"FY": 12}
    months = (
        pl.when(per == "year_to_date")
        .then(period.replace_strict(year_to_date, default=None, return_dtype=pl.Int64))
        .when(per == "quarter")
        .then(period.replace_strict(quarter, default=None, return_dtype=pl.Int64))
        .otherwise(pl.lit(0))
    )
    back = pl.format("-{}mo", months)
    begun = pl.col("end").dt.offset_by("1d").dt.offset_by(back)
    start = pl.when(months == 0).then("end").otherwise(begun)
    return rows.with_columns(unit=pl.coalesce("unit", unit), start=pl.coalesce("start", start))


def _asked(rows: pl.DataFrame, symbols: pl.Series, kind: Kind, ask: Ask) -> pl.Series:
    """Return which rows are of what is asked for: of tickers, or of whatever the kind is of."""
    if not ask.symbols:
        return pl.Series([True]).new_from_index(0, rows.height)
    if kind.of == "instrument":
        return symbols.is_in([symbol.upper() for symbol in ask.symbols]).fill_null(False)
    return rows[kind.of].is_in(list(ask.symbols)).fill_null(False)


def _within(rows: pl.DataFrame, ask: Ask, options: FileOptions) -> pl.DataFrame:
    """Return the rows of the days that are asked for; a midnight belongs to the day it ends."""
    on = pl.col("ts").dt.convert_time_zone(options.zone.key)
    ends = (options.times.at or habit_of(options.kind).at) == "end"
    on = (on - timedelta(microseconds=int(ends))).dt.date()
    if ask.since is not None:
        rows = rows.filter(on >= ask.since)
    if ask.until is not None:
        rows = rows.filter(on <= ask.until)
    return rows
