"""The books from outside: paying in, and reading what was booked."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from fondaco.core.capability import Caller, Capability
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId
from fondaco.core.invoke import Answer, validate
from fondaco.core.orders import Side
from fondaco.core.settings import Settings
from fondaco.core.view import Block, Card, Table, Text
from fondaco.ledger import capabilities as offered
from fondaco.ledger.lots import LotMethod
from unit.ledger.scene import APPLE, BANK, counting_ids, day, fill, new_books

PERSON = Caller(actor="ada", surface="cli", person=True)


class Symbols:
    """A symbol book that knows one share."""

    def get(self, instrument: InstrumentId) -> Instrument:
        if instrument != APPLE:
            raise NotFound("no such instrument", value=instrument)
        return Instrument(
            APPLE, (DatedSymbol("AAPL", date(1990, 1, 2)),), AssetClass.EQUITY, "XNAS", "USD"
        )


def ask(house: Any, function: Any, *, caller: Caller = PERSON, **raw: Any) -> Answer:
    """Call a capability as the door does: validated inputs, plain JSON out."""
    cap: Capability = function.__capability__
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    needs = [caller if need == "caller" else getattr(house, need) for need in cap.needs]
    return Answer(cap, cap.output.dump_python(cap.function(*needs, **given), mode="json"))


@pytest.fixture
def house() -> Any:
    books, entries, clock = new_books()
    return SimpleNamespace(
        books=books,
        entries=entries,
        clock=clock,
        instruments=Symbols(),
        settings=Settings(_env_file=None),
        ids=counting_ids(clock),
    )


@pytest.fixture
def traded(house: Any) -> Any:
    """Books with a deposit, two buys and a sale."""
    house.books.deposit("paper", Decimal(10_000), "USD", day(0), "D")
    house.books.book_fill(fill("E1", Side.BUY, "10", "100", fee="1", on=1))
    house.books.book_fill(fill("E2", Side.BUY, "10", "120", fee="1", on=2))
    house.books.book_fill(fill("E3", Side.SELL, "5", "130", fee="1", on=3))
    return house


def words(blocks: list[Block]) -> str:
    """Return everything that blocks say."""
    return repr(blocks)


def test_cash_paid_in_is_dated_and_shown_with_what_is_there_now(house: Any) -> None:
    answer = ask(house, offered.deposit, amount="1000.50", date="2019-01-02")
    assert answer.data["amount"] == "1000.50"
    assert answer.data["ts"] == "2019-01-02T00:00:00Z"
    assert answer.data["cash_after"] == "1000.50"
    (card,) = answer.blocks()
    assert isinstance(card, Card)
    assert ("Cash now", "1,000.50 USD") in card.fields
    assert card.label == "PAPER"


def test_a_deposit_with_a_key_is_booked_once_whenever_it_is_sent(house: Any) -> None:
    first = ask(house, offered.deposit, amount=100, key="salary")
    house.clock.move_to(datetime(2035, 1, 1, tzinfo=UTC))
    assert ask(house, offered.deposit, amount=100, key="salary").data == first.data
    with pytest.raises(Conflict):
        ask(house, offered.deposit, amount=200, key="salary")
    assert len(house.entries.entries()) == 1


def test_a_request_id_makes_a_deposit_happen_once_too(house: Any) -> None:
    caller = Caller(actor="ada", surface="rest", person=True, request_id="r-1")
    for _ in range(2):
        ask(house, offered.deposit, caller=caller, amount=100)
    assert len(house.entries.entries()) == 1
    for _ in range(2):
        ask(house, offered.deposit, amount=100)
    assert len(house.entries.entries()) == 3


@pytest.mark.parametrize(
    "raw",
    [
        {"amount": "-5"},
        {"amount": "0"},
        {"amount": "NaN"},
        {"amount": "1.005"},
        {"amount": "1e400"},
        {"amount": 5, "date": "2999-01-01"},
        {"amount": 5, "currency": "usd"},
        {"amount": 5, "key": "two words"},
        {"amount": 5, "date": "yesterday"},
    ],
)
def test_a_deposit_that_cannot_be_is_refused(house: Any, raw: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, Refused)):
        ask(house, offered.deposit, **raw)
    assert house.entries.entries() == ()


def test_the_trial_balance_names_shares_by_symbol_and_says_that_it_balances(traded: Any) -> None:
    answer = ask(traded, offered.show_balance)
    names = {(x["account"], x["name"]): (x["debit"], x["credit"]) for x in answer.data["lines"]}
    # By hand: 10000 - 1001 - 1201 + 649 of cash; 15 shares.
    assert names["assets:paper", "USD"] == ("8447", "0")
    assert names["assets:paper", "AAPL"] == ("15", "0")
    assert answer.data["balanced"] is True
    assert "BALANCED" in words(answer.blocks())
    earlier = ask(traded, offered.show_balance, until="2019-07-01")
    assert [x["account"] for x in earlier.data["lines"]] == ["assets:paper", "equity:deposits"]
    assert ask(traded, offered.show_balance, as_of="2019-07-01").data["lines"] == []


def test_positions_show_average_cost_and_cash(traded: Any) -> None:
    answer = ask(traded, offered.show_positions)
    (position,) = answer.data["positions"]
    # By hand: 20 shares cost 2200, 110 each; 15 are left.
    assert (
        position["symbol"],
        position["quantity"],
        position["cost"],
        position["cost_per_share"],
    ) == ("AAPL", "15", "1650.000000000", "110.000000000")
    assert answer.data["cash"] == "8447"
    assert any(isinstance(block, Table) and block.rows for block in answer.blocks())


def test_lots_and_gains_follow_the_method_asked_for(traded: Any) -> None:
    fifo = ask(traded, offered.show_lots)
    # By hand: FIFO sells 5 of the shares that cost 100: 650 - 500; at average cost 650 - 550.
    assert [Decimal(x["gain"]) for x in fifo.data["gains"]] == [150]
    average = ask(traded, offered.show_lots, method=LotMethod.AVERAGE.value)
    assert {k: Decimal(v) for k, v in average.data["realised"].items()} == {"USD": 100}
    assert "Realised in all: +150.00 USD." in words(fifo.blocks())


def test_a_statement_has_days_limits_and_other_accounts(traded: Any) -> None:
    answer = ask(traded, offered.show_statement, **{"from": "2019-07-03", "to": "2019-07-03"})
    assert answer.data["opening"] == {"AAPL": "10", "USD": "8999"}
    assert [(x["name"], x["amount"], x["balance"]) for x in answer.data["rows"]] == [
        ("AAPL", "10", "20"),
        ("USD", "-1201", "7798"),
    ]
    assert answer.data["rows"][0]["memo"] == "buy 10 AAPL at 120 USD"
    few = ask(traded, offered.show_statement, limit=1)
    assert (len(few.data["rows"]), few.data["left_out"]) == (1, 6)
    assert "6 earlier movements are left out" in words(few.blocks())
    fees = ask(traded, offered.show_statement, account="expenses:fees")
    assert [x["amount"] for x in fees.data["rows"]] == ["1", "1", "1"]


def test_a_share_that_the_book_does_not_know_is_shown_by_its_id(house: Any) -> None:
    house.books.book_fill(fill("E1", Side.BUY, "1", "5", instrument=BANK))
    assert ask(house, offered.show_positions).data["positions"][0]["symbol"] == BANK


def test_empty_books_say_which_command_fills_them(house: Any) -> None:
    for function in (offered.show_balance, offered.show_statement):
        assert "fondaco ledger deposit 100000" in words(ask(house, function).blocks())
    for function in (offered.show_positions, offered.show_lots):
        assert "Nothing is held" in words(ask(house, function).blocks())


def test_a_correction_is_called_one_in_the_statement(house: Any) -> None:
    wrong = house.books.deposit("paper", Decimal(5), "USD", day(0), "D")
    house.books.correct(wrong.id, key="C", memo="typed twice")
    assert "correction: typed twice" in words(ask(house, offered.show_statement).blocks())
    assert isinstance(ask(house, offered.show_lots).blocks()[0], Table | Text)
