"""The whole route on real prices: cycle, card, approval, fill, books, outcome, explanation.

Expected prices are read from the file inside the installed skfolio package, by Python's own csv.
"""

import csv
import gzip
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.app import App, open_app
from fondaco.core.capability import Caller
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.core.invoke import Answer, invoke
from fondaco.core.jobs import Job, JobState, Silent
from fondaco.core.settings import Settings
from fondaco.core.view import Text
from fondaco.desk.follow import follow_card, follow_job
from fondaco.research.fakes import promotion_of
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.momentum import momentum
from fondaco.trading.cards import CardState, TradeCard

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

DAY, FILL_DAY = date(2019, 6, 28), date(2019, 7, 1)
HORIZON_DAY = date(2019, 7, 30)  # twenty sessions of the exchange after the first of July
PERSON = Caller(actor="ada", surface="test", person=True)
PROGRAM = Caller(actor="bot", surface="mcp", person=False)


@pytest.fixture(scope="module")
def closes() -> dict[tuple[str, date], Decimal]:
    """Every close of the bundled shares, as the installed file has it."""
    package = find_spec("skfolio")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "datasets" / "data" / "sp500_dataset.csv.gz"
    table = csv.reader(StringIO(gzip.decompress(path.read_bytes()).decode()))
    symbols = next(table)[1:]
    return {
        (symbol, date.fromisoformat(row[0])): Decimal(value)
        for row in table
        for symbol, value in zip(symbols, row[1:], strict=True)
    }


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """A desk with all bundled prices, 100,000 USD, and a cycle run as of 2019-06-28."""
    with tempfile.TemporaryDirectory(prefix="fondaco-route-", ignore_cleanup_errors=True) as home:
        try:
            with open_app(Settings(home=Path(home)), alone=True) as opened:
                opened.books.deposit(
                    "paper", Decimal("100000.00"), "USD", datetime(1990, 1, 1, tzinfo=UTC), "first"
                )
                for strategy in (momentum(), lightgbm()):
                    opened.promotions.add(promotion_of(strategy))
                yield opened
        finally:
            EmbeddedServer(Path(home) / "postgres").stop()


def ask(app: App, name: str, caller: Caller = PERSON, /, **inputs: Any) -> Answer:
    """Ask through the one door."""
    return invoke(app, app.catalogue[name], inputs, caller)


def run(app: App, name: str, **inputs: Any) -> Job:
    """Ask for long work and wait until it has ended."""
    job = app.catalogue[name].output.validate_python(ask(app, name, **inputs).data)
    return follow_job(app.jobs, app.worker, job.id, lambda _: None)


@pytest.fixture(scope="module")
def report(app: App) -> dict[str, Any]:
    """What the cycle as of 2019-06-28 reported."""
    ended = run(app, "cycle.run", as_of=DAY.isoformat())
    assert ended.state is JobState.DONE, ended.error
    result: dict[str, Any] = ended.result
    return result


@pytest.fixture(scope="module")
def bought(app: App, report: dict[str, Any]) -> TradeCard:
    """The largest buy of that day, approved and settled."""
    line = next(
        card for card in report["cards"] if card["side"] == "buy" and card["state"] == "PROPOSED"
    )
    card = app.cards.get(line["id"])
    answer = ask(
        app, "cards.approve", card=card.id, digest=card.digest, acknowledge=list(card.not_judged)
    )
    (words,) = app.aftermath(answer)
    assert isinstance(words, Text)
    assert words.text.startswith(f"{card.id} ")
    assert f"bought {card.order.quantity} at " in words.text
    return follow_card(app.cards, app.worker, card.id)


def test_the_cycle_sees_what_was_known_that_day_and_says_what_it_did(
    app: App, report: dict[str, Any]
) -> None:
    assert report["as_of"] == "2019-06-28T20:00:00Z"
    assert (report["session"], report["replay"], report["origin"]) == (
        "2019-06-28",
        True,
        "bundled",
    )
    assert report["instruments"] == 20
    assert report["rows_ingested"] > 166_000  # twenty shares on 8,313 sessions, and the rest
    assert report["forecasts"] == 20
    assert report["record"]["forecasts"] > 1_000
    assert 0.5 < report["record"]["covered"] < 1.0
    assert {idea["source"] for idea in report["ideas"]} <= {"momentum", "lightgbm"}
    assert 1 <= len(report["cards"]) <= 8


def test_a_card_is_sized_with_the_close_of_its_day(
    app: App, report: dict[str, Any], closes: dict[tuple[str, date], Decimal]
) -> None:
    for line in report["cards"]:
        card = app.cards.get(line["id"])
        assert card.reference_price == closes[card.symbol, DAY].quantize(Decimal("0.000001"))
        assert card.order.quantity == int(card.order.quantity)
        assert card.replay
        assert "liquidity" in card.not_judged  # these prices come without volume


def test_an_approved_card_is_filled_at_the_next_close_and_booked_once(
    app: App, bought: TradeCard, closes: dict[tuple[str, date], Decimal]
) -> None:
    (fill,) = app.orders.fills(client_id=bought.order.client_id)
    assert fill.ts.date() == FILL_DAY
    assert fill.price == closes[bought.symbol, FILL_DAY].quantize(Decimal("0.000001"))
    assert fill.quantity == bought.order.quantity
    cents = Decimal("0.01")
    fee = max(Decimal("1.00"), fill.quantity * fill.price * Decimal("0.0005")).quantize(cents)
    assert abs(fill.fee - fee) <= cents / 100
    entries = [e for e in app.stores.entries.entries() if fill.execution_id in e.key]
    assert len(entries) == 1
    moved = {(p.account, p.commodity): p.amount for p in entries[0].postings}
    assert moved["assets:paper", bought.order.instrument] == fill.quantity
    assert moved["assets:paper", "USD"] == -(fill.quantity * fill.price) - fill.fee


def test_the_trial_balance_is_zero_in_every_commodity(app: App, bought: TradeCard) -> None:
    trial = app.books.trial_balance()
    assert {total.commodity for total in trial.totals} == {"USD", bought.order.instrument}
    assert all(total.debit == total.credit for total in trial.totals)


def test_the_venue_counts_the_same_shares(app: App, bought: TradeCard) -> None:
    held = app.broker.positions("paper", as_of=app.clock.now())
    assert held == {bought.order.instrument: bought.order.quantity}


def test_the_outcome_is_measured_after_twenty_sessions(
    app: App, bought: TradeCard, closes: dict[tuple[str, date], Decimal]
) -> None:
    # The card's life measures it soon after the fill; whoever asks earlier, measures it then.
    facts = {fact.name: fact for fact in app.card_desk.outcome(bought.id).facts}
    assert app.cards.get(bought.id).state is CardState.CLOSED
    paid, later = closes[bought.symbol, FILL_DAY], closes[bought.symbol, HORIZON_DAY]
    assert facts["last_price"].as_of.date() == HORIZON_DAY
    assert facts["last_price"].value == later.quantize(Decimal("0.000001"))
    assert float(facts["price_move"].value) == pytest.approx(float(later / paid - 1), abs=2e-6)
    gain = float(bought.order.quantity * (later - paid) - facts["fee"].value)
    assert float(facts["gain"].value) == pytest.approx(gain, abs=0.05)


def test_the_explanation_says_it_in_numbers_that_lead_to_their_rows(
    app: App, bought: TradeCard, closes: dict[tuple[str, date], Decimal]
) -> None:
    answer = ask(app, "explain", PROGRAM, id=bought.id)
    text = " ".join(b.text for b in answer.blocks() if isinstance(b, Text))
    price = closes[bought.symbol, FILL_DAY]
    assert f"filled on 2019-07-01: {bought.order.quantity} shares at {price:,.2f} USD" in text
    said = {fact["name"]: fact for fact in answer.data["facts"]}
    shown = ask(app, "facts.show", PROGRAM, fact=said["reference_price"]["fact"]).data
    row = dict(zip(shown["rows"]["columns"], shown["rows"]["rows"][-1], strict=True))
    assert row["session"] == "2019-06-28"
    assert Decimal(str(row["close"])) == closes[bought.symbol, DAY]
    for fact in answer.data["facts"]:
        opened = ask(app, "facts.show", PROGRAM, fact=fact["fact"]).data
        assert opened["rows"]["rows"], fact["name"]
        assert opened["rows"]["note"] == ""


def test_the_overview_shows_the_position_at_the_last_close(
    app: App, bought: TradeCard, closes: dict[tuple[str, date], Decimal]
) -> None:
    found = ask(app, "portfolio.overview", PROGRAM).data
    (line,) = found["positions"]
    assert (line["symbol"], line["price_day"]) == (bought.symbol, "2022-12-28")
    assert Decimal(line["price"]) == closes[bought.symbol, date(2022, 12, 28)]
    assert found["origin"] == "bundled"
    assert found["curve"]["days"][-1] == "2022-12-28"


def test_a_card_is_approved_once_by_a_person_and_with_its_digest(
    app: App, report: dict[str, Any], bought: TradeCard
) -> None:
    other = next(
        app.cards.get(line["id"])
        for line in report["cards"]
        if app.cards.get(line["id"]).state is CardState.PROPOSED
    )
    asked = {"card": other.id, "digest": other.digest, "acknowledge": list(other.not_judged)}
    with pytest.raises(Refused, match="person"):
        ask(app, "cards.approve", PROGRAM, **asked)
    with pytest.raises(Refused, match="acknowledged"):
        ask(app, "cards.approve", **{**asked, "acknowledge": []})
    with pytest.raises(Conflict, match="digest"):
        ask(app, "cards.approve", **{**asked, "digest": "0" * 64})
    with pytest.raises(Conflict, match="once"):
        ask(
            app,
            "cards.approve",
            card=bought.id,
            digest=bought.digest,
            acknowledge=list(bought.not_judged),
        )
    assert app.cards.get(other.id).state is CardState.PROPOSED


@pytest.mark.parametrize(
    ("day", "error", "words"),
    [
        ("2999-01-01", InvalidInput, "has not come"),
        ("yesterday", InvalidInput, "ISO date"),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_once(
    app: App, report: dict[str, Any], day: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ask(app, "cycle.run", as_of=day)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("1980-01-02", "no prices were known then"),
        ("1990-06-01", "too little history"),
        ("2023-06-01", "too old"),
    ],
)
def test_a_day_that_cannot_be_decided_on_ends_the_job_with_the_reason(
    app: App, report: dict[str, Any], day: str, words: str
) -> None:
    ended = run(app, "cycle.run", as_of=day)
    assert ended.state is JobState.FAILED
    assert words in str(ended.error)


def test_a_weekend_uses_the_friday_before_it_and_finds_its_cards(
    app: App, report: dict[str, Any]
) -> None:
    again = run(app, "cycle.run", as_of="2019-06-30").result
    assert again["session"] == "2019-06-28"
    assert again["notes"] == [
        "2019-06-30 has no prices: the session before it, 2019-06-28, was used"
    ]
    assert [card["id"] for card in again["cards"]] == [card["id"] for card in report["cards"]]
    assert again["rows_ingested"] == 0
    assert again["forecasts_new"] == 0


def test_the_journal_holds_every_call_and_is_intact(app: App, bought: TradeCard) -> None:
    asked = {line.note.capability for line in app.journal.lines(limit=1_000)}
    assert {"cycle.run", "cards.approve"} <= asked
    assert app.journal.verify().intact


def test_what_nobody_made_is_not_found(app: App, report: dict[str, Any]) -> None:
    for name, inputs in (
        ("explain", {"id": "TC-9999"}),
        ("jobs.status", {"job": "J-9999"}),
        ("facts.show", {"fact": "F-0123456789abcdef"}),
    ):
        with pytest.raises(NotFound):
            ask(app, name, **inputs)


def test_a_backtest_is_run_as_a_job_kept_and_explained(app: App, report: dict[str, Any]) -> None:
    ended = run(
        app, "backtest.run", strategy="momentum", **{"from": "2015-01-02", "to": "2016-12-30"}
    )
    assert ended.state is JobState.DONE, ended.error
    text = ask(app, "explain", PROGRAM, id=ended.result["id"]).blocks()
    said = " ".join(block.text for block in text if isinstance(block, Text))
    assert "BT-1 ran the strategy momentum over" in said
    assert (
        "counts 1 trial of this strategy, 1 trial of its family and 1 trial on the whole desk"
        in said
    )
    assert app.reports.get("BT-1").startswith("<!")


def test_loading_the_same_prices_again_changes_nothing(app: App, report: dict[str, Any]) -> None:
    version = app.prices.version()
    ended = run(app, "market.ingest", provider="bundled")
    assert ended.result["rows_new"] == 0
    assert app.prices.version() == version


def test_a_second_desk_on_the_same_data_looks_on_while_the_first_works(
    app: App, report: dict[str, Any]
) -> None:
    assert app.worker.working
    with open_app(app.settings, alone=True) as other:
        assert not other.worker.start()
        assert other.jobs.list(limit=5) == app.jobs.list(limit=5)
        answer = ask(other, "jobs.list")
        assert other.aftermath(answer) == []
        assert ask(other, "doctor").data["sound"]
    assert app.worker.working


def test_preparing_a_desk_that_is_in_use_changes_nothing(app: App, report: dict[str, Any]) -> None:
    before = [job.id for job in app.jobs.list(limit=50)]
    app.prepare(Silent())
    assert [job.id for job in app.jobs.list(limit=50)] == before
    assert app.books.statement("paper").lines[0].amount == Decimal("100000.00")


def test_the_terminal_shows_the_bundled_prices(
    app: App, closes: dict[tuple[str, date], Decimal], report: dict[str, Any]
) -> None:
    assert app.terminal.status().label == "bundled"
    chart = app.terminal.chart("AAPL", ("SMA 50",))
    assert chart.x[-1] == "2022-12-28"
    assert chart.series[0].values[-1] == float(closes["AAPL", date(2022, 12, 28)])


def test_the_doctor_finds_the_desk_sound(app: App, report: dict[str, Any]) -> None:
    health = ask(app, "doctor").data
    assert health["sound"], health
    found = {check["name"]: check["found"] for check in health["checks"]}
    assert found["Worker"] == "this process"
    assert "last close 2022-12-28" in found["Prices"]
