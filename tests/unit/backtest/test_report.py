"""The report: one file that needs nothing else, says what it must, and runs nothing."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from fondaco.backtest.detail import Happened
from fondaco.backtest.report import report_of
from fondaco.backtest.result import BacktestResult, Month
from fondaco.backtest.svg import Line, Plot, line_chart, thinned
from fondaco.core.instrument import Origin
from fondaco.market.fakes import simulated_panel
from fondaco.portfolio.measures.table import MEASURES
from fondaco.research.strategies.library import strategy_named
from fondaco.trading.cost_model.model import CostModel
from unit.backtest.played import index_on, played_on, result_on

COSTS = CostModel.flat(Decimal(5), Decimal("1.00"))
VOID = {"meta", "br", "link", "img"}


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    panel = replace(simulated_panel(13, 300, 5, with_opens=False), origin=Origin.BUNDLED)
    strategy = strategy_named("momentum", {"lookback": 40, "skip": 5, "names_min": 2})
    played = played_on(panel, strategy.weights(panel), costs=COSTS, strategy=strategy)
    return result_on(played, index_on(panel))[0]


class Shape(HTMLParser):
    """Reads a page and keeps its tags, links and words; fails on a tag left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            value or ""
            for name, value in attrs
            if name in {"src", "href", "srcset"} or name.startswith("on")
        ]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_it_needs_nothing_from_outside_and_runs_nothing(result: BacktestResult) -> None:
    page = report_of(result)
    shape = Shape(page)
    assert shape.links == []
    assert {"script", "link", "img", "iframe", "object", "embed"} & set(shape.tags) == set()
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"https?://|url\(|@import|javascript:", page)


def test_it_says_label_rule_costs_trials_and_cautions(result: BacktestResult) -> None:
    said = " ".join(Shape(report_of(result)).words)
    for words in (
        "bundled prices",
        "fills at the next close",
        "Closes only",
        "5 bps of the traded value, at least 1.00 USD a fill",
        "After every trial",
        "2 trials (",
        "Deflated Sharpe ratio",
        "Overfitting, PBO",
        "Least track record",
        "firms that failed are missing",
        "Be careful of",
        "Beside SPX",
        "price index",
        "Maximum drawdown",
        "Monthly returns",
        "lookback",
        f"{result.metrics.cost:,.2f} USD",
        f"{result.end_equity:,.2f} USD",
    ):
        assert words in said, words


def test_it_draws_equity_drawdown_and_exposure(result: BacktestResult) -> None:
    page = report_of(result)
    charts = re.findall(r'<svg .*?aria-label="(.*?)"', page)
    assert [label.partition(":")[0] for label in charts] == [
        "Equity",
        "Drawdown",
        *["Over the last 63 sessions"] * 2,
        *["Over the last 252 sessions"] * 2,
        "Exposure",
        "Names held",
    ]
    assert "SPX from 100,000.00" in charts[0]
    old = report_of(replace(result, detail=None))
    assert re.findall(r'aria-label="(\w+):', old) == ["Equity", "Drawdown", "Exposure"]
    assert "bundled prices" in page
    assert page.count("'chip'>bundled") == 5  # one for each section with a chart


def test_every_section_of_the_detail_is_there(result: BacktestResult) -> None:
    page = report_of(result)
    heads = [re.sub("<.*?>.*", "", head).strip() for head in re.findall("<h2>(.*?)</h2>", page)]
    assert heads[-13:] == [
        "Monthly returns, %",
        "Over the last 63 sessions",
        "Over the last 252 sessions",
        "Exposure",
        "Every measure",
        "Worst falls",
        "Costs and income",
        "Where the return came from: by instrument",
        "Where the return came from: by sector",
        "Where the return came from: by year, costs included",
        "Journal of round trips, USD",
        "Parameters",
        "Fills, USD",
    ]
    assert result.detail is not None
    said = " ".join(Shape(page).words)
    for measure in MEASURES.values():
        assert measure.title in said
    trip = result.detail.trips[-1]
    assert re.fullmatch(r"momentum 40-5 \S+, rank \d of 5; \S+ % to \S+ % of equity", trip.why)
    for words in (trip.why, trip.ended, f"{trip.profit:+,.2f}", "First in, first out"):
        assert words in said


def test_a_dividend_and_an_unfilled_order_are_told(result: BacktestResult) -> None:
    assert result.detail is not None
    paid = Happened(DAYS[0], "dividend", "SIM00", Decimal(0), Decimal("12.50"))
    detail = replace(result.detail, events=(paid,), events_all=900, unfilled={"no <price>": 3})
    page = report_of(replace(result, detail=detail))
    assert "the latest 1 of 900" in page
    assert "<td>+12.50</td>" in page
    assert "no &lt;price&gt;" in page


def test_it_has_a_light_scheme_and_one_for_paper(result: BacktestResult) -> None:
    page = report_of(result)
    assert "prefers-color-scheme: light" in page
    assert "@media print" in page
    drawn = "".join(re.findall("<svg.*?</svg>", page))
    assert not re.search("#[0-9a-f]{6}", drawn)  # a fixed colour would suit one scheme alone


def test_what_comes_from_data_is_escaped(result: BacktestResult) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    trade = replace(result.trades[0], symbol=nasty, side=nasty)
    assert result.benchmark is not None
    page = report_of(
        replace(
            result,
            strategy=nasty,
            symbols=(nasty,),
            currency=nasty,
            warnings=(nasty,),
            id=nasty,
            parameters={nasty: nasty},
            trades=(trade,),
            fill_rule=nasty,
            benchmark=replace(result.benchmark, symbol=nasty),
        )
    )
    shape = Shape(page)
    assert shape.links == []
    assert {"script", "img"} & set(shape.tags) == set()
    assert page.count("&lt;script&gt;") > 10


def test_without_index_warnings_or_trades_it_still_stands(result: BacktestResult) -> None:
    bare = replace(
        result,
        benchmark=None,
        curve=replace(result.curve, benchmark=()),
        warnings=(),
        trades=(),
        fills=0,
        standing=None,
        metrics=replace(result.metrics, sharpe=None, sortino=None, vol_annual=None),
    )
    said = " ".join(Shape(report_of(bare)).words)
    assert "knows no index" in said
    assert "Nothing was traded." in said
    assert "Be careful of" not in said
    assert "–" in said


def test_a_fall_that_goes_on_is_said(result: BacktestResult) -> None:
    fall = replace(result.metrics.max_drawdown, recovered=None)
    page = report_of(replace(result, metrics=replace(result.metrics, max_drawdown=fall)))
    assert "not yet" in page


def test_months_are_shown_with_sign_and_the_year_compounds(result: BacktestResult) -> None:
    months = (Month(2018, 11, 0.10), Month(2018, 12, -0.10), Month(2019, 1, -0.0001))
    page = report_of(replace(result, months=months))
    row = re.search(r"<tr><th scope='row'>2018</th>(.*?)</tr>", page)
    assert row is not None
    assert re.findall(r">([+-]\d+\.\d)<", row[1]) == ["+10.0", "-10.0", "-1.0"]  # 1.1 x 0.9
    assert ">+0.0<" in page  # never -0.0


def test_only_the_latest_fills_are_shown_and_all_are_counted(result: BacktestResult) -> None:
    many = tuple(replace(result.trades[0], quantity=Decimal(n)) for n in range(1, 801))
    page = report_of(replace(result, trades=many, fills=9_000))
    assert "the latest 500 of 9,000" in page
    assert "<td>800</td>" in page
    assert "<td>300</td>" not in page


def test_a_price_keeps_its_decimals(result: BacktestResult) -> None:
    odd = replace(result.trades[0], price=Decimal("0.123456"))
    page = report_of(replace(result, trades=(odd, replace(odd, price=Decimal("1200")))))
    assert "<td>0.123456</td>" in page
    assert "<td>1,200.00</td>" in page


DAYS = [date(2019, 1, 1) + timedelta(days=n) for n in range(5)]


def test_a_line_goes_where_its_values_are() -> None:
    drawn = line_chart(Plot("Up", 138), DAYS, [Line("a", [0.0, 1.0, 2.0, 3.0, 4.0], "#fff")])
    path = re.search(r'<path d="(M.*?)"', drawn)
    assert path is not None
    points = [tuple(map(float, point.split())) for point in re.split("[ML]", path[1])[1:]]
    # 100 pixels high, from y 112 (value 0) up to 12 (value 4), evenly from left to right.
    assert [y for _, y in points] == [112, 87, 62, 37, 12]
    assert points[0][0] < points[1][0] < points[-1][0]
    assert points[2][0] - points[1][0] == pytest.approx(points[4][0] - points[3][0])


def test_a_gap_breaks_a_line_and_a_level_line_is_drawn() -> None:
    drawn = line_chart(Plot("Gap", 138), DAYS, [Line("a", [1.0, None, 2.0, 3.0, None], "#fff")])
    path = re.search(r'<path d="(.*?)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert "<path" in line_chart(Plot("Level", 138), DAYS, [Line("a", [2.0] * 5, "#fff")])


def test_a_chart_with_nothing_to_draw_says_so() -> None:
    for values in ([], [None] * 5):
        drawn = line_chart(Plot("No & thing", 138), DAYS, [Line("a", values, "#fff")])
        assert "No &amp; thing: nothing to draw" in drawn
    assert "nothing to draw" in line_chart(Plot("One", 138), DAYS[:1], [Line("a", [1.0], "#fff")])


def test_a_wide_range_is_logarithmic_and_says_so() -> None:
    plot, line = Plot("Wide", 138, may_log=True), Line("a", [1.0, 10.0, 100.0, 10.0, 1.0], "#fff")
    drawn = line_chart(plot, DAYS, [line])
    assert "logarithmic scale" in drawn
    path = re.search(r'<path d="(M.*?)"', drawn)
    assert path is not None
    heights = [float(point.split()[1]) for point in re.split("[ML]", path[1])[1:]]
    assert heights[1] == pytest.approx((heights[0] + heights[2]) / 2)  # 10 is halfway
    narrow = line_chart(plot, DAYS, [Line("a", [1.0, 2.0, 3.0, 4.0, 4.9], "#fff")])
    assert "logarithmic" not in narrow


def test_thinning_keeps_every_peak() -> None:
    values: list[float | None] = [float(n % 7) for n in range(10_000)]
    values[5_003], values[7_777], values[9_001] = 99.0, -99.0, None
    kept = thinned(values, 400)
    assert len(kept) <= 402
    assert {5_003, 7_777} <= set(kept)
    assert kept == sorted(set(kept))
    assert thinned([None] * 1_000, 10)
