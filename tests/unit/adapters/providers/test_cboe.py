"""The cboe provider against answers of the shape of its files; nothing here reaches the network."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformance.recorded import cboe as cases
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Ask, Parsed

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
CASES = {case.id: case for case in cases.RECORDED}
Row = dict[str, Any]


def read(case: Recorded, body: bytes | None = None) -> Parsed:
    """Return what the one answer of a case says, with another body if one is given."""
    provider = case.build(CLOCK, case.answer if body is None else lambda _: reply(200, body))
    (raw,) = provider.ask(case.ask)
    return provider.parse(raw, case.ask)


def rows(name: str, body: bytes | None = None) -> list[Row]:
    """Return the rows of a case, which has no fault."""
    parsed = read(CASES[name], body)
    assert not parsed.faults
    frames = [parsed.bars] if CASES[name].ask.kind == "bars_1d" else list(parsed.rows.values())
    return [row for frame in frames for row in frame.to_dicts()]


def test_a_contract_is_read_from_its_name() -> None:
    call, put, _ = rows("equity-chain")
    named = ("root", "expiry", "right", "strike", "style")
    assert tuple(call[n] for n in named) == ("AAPL", date(2026, 12, 18), "call", 210.0, "american")
    assert tuple(put[n] for n in named) == ("AAPL", date(2026, 12, 18), "put", 207.5, "american")
    assert (call["bid"], call["ask"], call["bid_size"], call["ask_size"]) == (5.05, 5.15, 11, 44)
    assert (call["volume"], call["open_interest"], call["underlying"]) == (4120, 18211, 210.12)


def test_an_adjusted_root_is_kept_and_what_it_delivers_is_not_assumed() -> None:
    adjusted = rows("equity-chain")[2]
    assert (adjusted["root"], adjusted["expiry"]) == ("AAPL1", date(2027, 1, 15))
    assert {row["deliverable"] for row in rows("equity-chain")} == {None}


def test_times_are_new_york_without_an_offset() -> None:
    assert rows("equity-chain")[0]["ts"] == datetime(2026, 11, 27, 18, tzinfo=UTC)
    body = cases.AAPL_QUOTE.replace(b"2026-11-27T13:00:00", b"2026-07-02T16:00:00")
    assert rows("quote", body)[0]["ts"] == datetime(2026, 7, 2, 20, tzinfo=UTC)


def test_greeks_of_undocumented_unit_are_left_out() -> None:
    row = rows("equity-chain")[0]
    assert (row["iv"], row["delta"], row["gamma"]) == (0.2411, 0.5321, 0.0312)
    assert (row["vega"], row["theta"], row["rho"]) == (None, None, None)


def test_an_index_is_asked_for_under_its_own_name_and_its_options_are_european() -> None:
    parsed = read(CASES["index-chain"])
    (row,) = parsed.rows["chains"].to_dicts()
    (index,) = parsed.instruments
    assert (index.symbol, index.asset_class, index.venue) == ("SPX", AssetClass.INDEX, "XCBO")
    assert (row["root"], row["style"], row["instrument"]) == ("SPXW", "european", index.id)


def test_zero_is_no_price() -> None:
    none = cases.AAPL_QUOTE.replace(b'"bid": 210.11', b'"bid": 0.0')
    row = rows("quote", none)[0]
    assert (row["bid"], row["bid_size"], row["ask"], row["last"]) == (None, None, 210.13, 210.12)


def test_an_answer_of_another_symbol_is_useless() -> None:
    parsed = read(
        CASES["quote"], cases.AAPL_QUOTE.replace(b'"symbol": "AAPL"', b'"symbol": "MSFT"')
    )
    assert [f.reason for f in parsed.faults] == ["the answer is of MSFT, not of AAPL"]
    assert not parsed.rows


@pytest.mark.parametrize(
    "name", ["AAPL261318C00210000", "AAPL261218X00210000", "AAPL261218C210", "261218C00210000"]
)
def test_a_contract_that_is_named_otherwise_is_a_fault_and_the_others_come(name: str) -> None:
    body = cases.AAPL_CHAIN.replace(b"AAPL261218C00210000", name.encode())
    parsed = read(CASES["equity-chain"], body)
    assert [(f.rule, f.where) for f in parsed.faults] == [("unreadable", "chains/AAPL contract 1")]
    assert parsed.rows["chains"].height == 2


def test_a_history_is_raw_bars_without_volume() -> None:
    first = rows("history")[0]
    # VIX of 1990-01-02 as Cboe publishes it.
    assert (first["session"], first["open"], first["close"]) == (date(1990, 1, 2), 17.24, 17.24)
    assert (first["factor"], first["volume"], first["known_at"]) == (1.0, None, None)


def test_open_high_low_and_close_keep_their_places() -> None:
    # The highest close of VIX, as Cboe publishes that day.
    body = b"DATE,OPEN,HIGH,LOW,CLOSE\n03/16/2020,57.830000,83.560000,57.830000,82.690000\n"
    case = CASES["history"]
    provider = case.build(CLOCK, lambda _: reply(200, body))
    ask = Ask(symbols=("VIX",))
    (bar,) = provider.parse(provider.ask(ask)[0], ask).bars.to_dicts()
    assert [bar[n] for n in ("open", "high", "low", "close")] == [57.83, 83.56, 57.83, 82.69]


def test_a_history_of_closes_alone_has_no_open_high_and_low() -> None:
    last = rows("history-of-closes")[-1]
    assert (last["session"], last["close"]) == (date(2026, 11, 27), 90.02)
    assert (last["open"], last["high"], last["low"]) == (None, None, None)


def test_sessions_outside_the_span_are_left_out_and_a_span_without_any_is_no_fault() -> None:
    case = CASES["history"]
    later = Ask(date(1990, 1, 4), symbols=("VIX",))
    provider = case.build(CLOCK, case.answer)
    (raw,) = provider.ask(later)
    assert provider.parse(raw, later).bars["session"].to_list() == [date(1990, 1, 4)]
    none = Ask(date(1990, 1, 6), date(1990, 1, 7), symbols=("VIX",))
    parsed = provider.parse(raw, none)
    assert parsed.bars.is_empty()
    assert not parsed.faults


def test_a_symbol_that_cboe_does_not_have_is_unanswered() -> None:
    refused = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"
    provider = CASES["quote"].build(CLOCK, lambda _: reply(403, refused))
    with pytest.raises(Unanswered) as error:
        provider.ask(Ask(kind="quotes", symbols=("ZZZZQ",)))
    assert error.value.cause is Cause.AUTH


@pytest.mark.parametrize(
    "ask",
    [
        Ask(kind="quotes"),
        Ask(kind="quotes", symbols=("../A",)),
        Ask(kind="bars_1d", symbols=("AAPL",)),
        Ask(kind="chains", symbols=("AAPL",), options={"expiry": "2026-12-18"}),
    ],
)
def test_what_cannot_be_asked_for_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput):
        CASES["quote"].build(CLOCK, CASES["quote"].answer).ask(ask)
