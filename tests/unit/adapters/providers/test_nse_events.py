"""The nse provider's chains, corporate actions, deals, tickers and indices.

The events are real ones, named where they stand; the records are typed in the exchange's shape.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recorded.nse import (
    ACTIONS,
    BULK,
    CHAIN,
    CHANGES,
    INSIDERS,
    MEMBERS,
    SHARES,
    action,
    leg,
)
from fondaco.adapters.providers.file_pack import pack
from fondaco.adapters.providers.nse_purpose import meaning
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.instrument import AssetClass, DatedSymbol
from fondaco.market.ports import Ask, Parsed
from unit.adapters.providers.nse_asks import CLOCK, parse

NIFTY = Ask(kind="chains", symbols=("NIFTY",))
RELIANCE_ISIN = "INE002A01018"


def chain(*strikes: dict[str, Any]) -> Parsed:
    """Read a chain of NIFTY with some strikes."""
    records = {**CHAIN["records"], "data": list(strikes)}
    return parse("chains NIFTY", {"records": records}, NIFTY)


def older(side: str) -> dict[str, Any]:
    """Return one contract as `option-chain-indices` spells it."""
    names = {
        "buyPrice1": "bidprice",
        "buyQuantity1": "bidQty",
        "sellPrice1": "askPrice",
        "sellQuantity1": "askQty",
    }
    cells = leg(side, 25000, 512.6, 14.21, 41673) | {"expiryDate": "31-Oct-2024"}
    return {names.get(name, name): value for name, value in cells.items()}


def test_a_contract_is_read_in_both_spellings() -> None:
    first = {"strikePrice": 25000, "expiryDate": "31-Oct-2024", "CE": older("CE")}
    parsed = chain(first)
    assert parsed.faults == ()  # the older interface leaves out the put that does not trade
    (row,) = parsed.rows["chains"].to_dicts()
    newer = parse("chains NIFTY", CHAIN, NIFTY).rows["chains"].row(0, named=True)
    assert {n: c for n, c in row.items() if n != "where"} == {
        n: c for n, c in newer.items() if n != "where"
    }
    assert row["iv"] == pytest.approx(0.1421)
    assert (row["bid"], row["bid_size"], row["ask"], row["ask_size"]) == (512.05, 675, 513.05, 425)
    assert (row["last"], row["underlying"], row["open_interest"]) == (512.6, 25250.1, 41673)
    assert (row["right"], row["root"], row["style"]) == ("call", "NIFTY", "european")
    assert [i.asset_class for i in parsed.instruments] == [AssetClass.INDEX]


def test_zero_means_none_in_prices_and_volatility_and_none_at_all_in_counts() -> None:
    empty = leg("CE", 25000, 0.55, 0, 0) | {"sellPrice1": 0, "sellQuantity1": 0, "lastPrice": 0}
    put = leg("PE", 25000, 1, 12, 5)
    parsed = chain({"strikePrice": 25000, "expiryDates": "31-Oct-2024", "CE": empty, "PE": put})
    row = parsed.rows["chains"].row(0, named=True)
    assert [row[n] for n in ("iv", "bid", "ask", "last")] == [None] * 4
    assert row["open_interest"] == 0


def test_a_contract_of_zeros_is_none_and_a_missing_one_is_a_fault() -> None:
    zeros = dict.fromkeys(leg("PE", 1, 1, 1, 1), 0) | {"underlying": None, "expiryDate": None}
    call = leg("CE", 25000, 512.6, 14.21, 41673)
    strike = {"strikePrice": 25000, "expiryDates": "31-Oct-2024", "CE": call}
    whole = chain(strike | {"PE": zeros})
    assert (whole.rows["chains"].height, whole.faults) == (1, ())
    assert [f.where for f in chain(strike).faults] == ["NIFTY strike 1 PE"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"underlying": "BANKNIFTY"}, "of 'BANKNIFTY'"),
        ({"expiryDate": "30-10-2024"}, "its strike on 31-Oct-2024"),
        ({"strikePrice": 25100}, "not that of its row"),
        ({"impliedVolatility": "14.2"}, "is no number"),
        ({"impliedVolatility": -3}, "outside 0 to 50"),
        ({"totalTradedVolume": 1.5}, "no whole number"),
    ],
)
def test_a_contract_that_cannot_be_true_is_a_fault(cells: dict[str, Any], reason: str) -> None:
    strike = {
        "strikePrice": 25000,
        "expiryDates": "31-Oct-2024",
        "CE": leg("CE", 25000, 512.6, 14.21, 41673) | cells,
        "PE": leg("PE", 25000, 181.3, 15.02, 40962),
    }
    parsed = chain(strike)
    assert parsed.rows["chains"].height == 1
    assert reason in parsed.faults[0].reason


@pytest.mark.parametrize(
    ("purpose", "factor", "dividend", "special"),
    [
        ("Bonus 1:1", 0.5, 0, 0),  # RELIANCE, 28 October 2024
        ("BONUS 4:1", 0.2, 0, 0),  # four for one held
        ("Bonus issue 1:2", 2 / 3, 0, 0),  # IOC, 30 June 2022
        (
            "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Re 1/- Per Share",
            0.1,  # TATASTEEL, 28 July 2022
            0,
            0,
        ),
        ("FV SPLT FRM RS 10 TO RS 2", 0.2, 0, 0),
        ("BONUS 1:1/FACE VALUE SPLIT FROM RS.10/- TO RS.5/-", 0.25, 0, 0),
        ("Consolidation From Re 1/- Per Share To Rs 10/- Per Share", 10, 0, 0),
        ("DIVIDEND - RS 5 PER SHARE", None, 5, 0),
        ("Interim Dividend - Re 0.40  Per Sh", None, 0.4, 0),
        ("Annual General Meeting/Dividend - Rs 10 Per Share", None, 10, 0),
        (
            "Interim Dividend - Rs 10 Per Share/Special Dividend - Rs 66 Per Share",
            None,  # TCS, 17 January 2025
            10,
            66,
        ),
        ("DIV-FIN RS 3 + SPL DIV RS 1.50", None, 3, 1.5),
        ("Annual General Meeting", None, 0, 0),
        ("Buy Back", None, 0, 0),
    ],
)
def test_a_purpose_means_what_happened(
    purpose: str, factor: float | None, dividend: float, special: float
) -> None:
    meant = meaning(purpose)
    assert meant.factor == (None if factor is None else pytest.approx(factor))
    assert (meant.dividend, meant.special) == (dividend, special)


@pytest.mark.parametrize(
    "purpose",
    [
        "Dividend",
        "Dividend - 50%",
        "Bonus",
        "Bonus 0:1",
        "Face Value Split",
        "FV SPLT FRM RS 0 TO RS 2",
        "Rights 1:5 @ Premium Rs 1247",
        "Bonus 1:1/Rights 1:5",
        "Scheme of something new",
        "Bonus Debentures",
    ],
)
def test_a_purpose_that_cannot_be_read_is_no_guess(purpose: str) -> None:
    with pytest.raises(Useless):
        meaning(purpose)


@given(new=st.integers(1, 99), held=st.integers(1, 99))
def test_a_bonus_keeps_the_worth_of_a_holding(new: int, held: int) -> None:
    factor = meaning(f"BONUS {new}:{held}").factor
    assert factor is not None
    assert factor * (1 + new / held) == pytest.approx(1)


def actions(*told: dict[str, Any]) -> Parsed:
    """Read corporate actions of RELIANCE."""
    ask = Ask(kind="actions", symbols=("RELIANCE",))
    return parse("actions actions RELIANCE", list(told), ask)


def test_actions_start_with_their_ex_date_in_mumbai() -> None:
    rows = actions(*ACTIONS).rows["actions"]
    assert rows.select("action", "ex_date", "factor", "amount", "currency").rows() == [
        ("dividend", date(2024, 8, 19), None, 10.0, "INR"),
        ("split", date(2024, 10, 28), 0.5, None, None),
    ]
    assert rows["ts"].to_list()[1] == datetime(2024, 10, 27, 18, 30, tzinfo=UTC)
    assert rows["known_at"].null_count() == 2


def test_actions_of_one_day_become_one_row_each_kind() -> None:
    parsed = actions(
        action("RELIANCE", "Bonus 1:1", "28-Oct-2024", RELIANCE_ISIN),
        action("RELIANCE", "Bonus 1:1", "28-Oct-2024", RELIANCE_ISIN),  # told twice
        action("RELIANCE", "FV SPLT FRM RS 10 TO RS 5", "28-Oct-2024", RELIANCE_ISIN),
        action("RELIANCE", "Dividend - Rs 2 Per Share", "28-Oct-2024", RELIANCE_ISIN),
        action("RELIANCE", "Interim Dividend - Rs 3 Per Share", "28-Oct-2024", RELIANCE_ISIN),
    )
    rows = parsed.rows["actions"].select("action", "factor", "amount", "where").rows()
    assert rows == [
        ("split", 0.25, None, "action 1, 3"),
        ("dividend", None, 5.0, "action 4, 5"),
    ]


def test_an_action_is_known_from_its_announcement_where_it_is_told() -> None:
    told = action("RELIANCE", "Bonus 1:1", "28-Oct-2024", RELIANCE_ISIN)
    rows = actions(told | {"caBroadcastDate": "16-Oct-2024"}).rows["actions"]
    assert rows["known_at"].to_list() == [datetime(2024, 10, 16, 18, 30, tzinfo=UTC)]
    late = actions(told | {"caBroadcastDate": "16-Oct-2099"})
    assert "has not come yet" in late.faults[0].reason


def test_insiders_deals_are_known_when_they_were_told() -> None:
    ask = Ask(kind="deals", symbols=("HCLTECH",))
    rows = parse("deals insider HCLTECH", INSIDERS, ask).rows["deals"]
    first = rows.row(0, named=True)
    assert first["known_at"] == datetime(2026, 4, 29, 12, 35, tzinfo=UTC)  # 18:05 in Mumbai
    assert first["ts"] == datetime(2026, 4, 28, 10, 0, tzinfo=UTC)
    assert (first["trade"], first["shares"], first["value"]) == ("buy", 183673, 220277165)
    assert first["price"] == pytest.approx(220277165 / 183673)
    assert (first["role"], first["holds_after"]) == ("Promoter", 1205662844)
    assert rows["trade"].to_list() == ["buy", "sell"]


@pytest.mark.parametrize(
    ("side", "mode", "trade"),
    [
        ("Buy", "ESOP", "exercise"),
        ("Buy", "Gift", "other"),
        ("Pledge", "Pledge Creation", "other"),
        ("Sell", "Off Market", "sell"),
    ],
)
def test_not_every_acquisition_is_a_purchase(side: str, mode: str, trade: str) -> None:
    told = INSIDERS["data"][0] | {"tdpTransactionType": side, "acqMode": mode}  # type: ignore[operator]
    rows = parse("deals insider", {"data": [told]}, Ask(kind="deals")).rows["deals"]
    assert rows["trade"].to_list() == [trade]


def test_deals_that_look_alike_stay_two() -> None:
    told = INSIDERS["data"][0]
    rows = parse("deals insider", {"data": [told, told]}, Ask(kind="deals")).rows["deals"]
    assert rows["id"].n_unique() == 2


def test_bulk_deals_have_their_client_price_and_worth() -> None:
    rows = parse("deals bulk", BULK.encode(), Ask(kind="deals")).rows["deals"]
    first = rows.row(0, named=True)
    assert (first["shares"], first["price"], first["value"]) == (7e6, 1400.5, 9_803_500_000.0)
    assert (first["deal"], first["trade"]) == ("bulk", "buy")
    assert rows["id"].n_unique() == 3


def test_a_day_without_deals_is_told_as_the_exchange_tells_it() -> None:
    body = BULK.splitlines()[0] + "\nNO RECORDS,,,,,,,\n"
    (fault,) = parse("deals block", body.encode(), Ask(kind="deals")).faults
    assert "there was no block deal" in fault.reason


def listings(changes: str, shares: str = SHARES, *symbols: str) -> Parsed:
    """Read the lists of shares and of changes of ticker."""
    body = pack({"shares": ("s", shares.encode()), "changes": ("c", changes.encode())})
    return parse("actions listings", body, Ask(kind="actions", symbols=symbols))


def test_a_ticker_has_the_days_on_which_it_was_the_share_s() -> None:
    # Zomato became Eternal on 9 April 2025, listed on 23 July 2021 (NSE).
    parsed = listings(CHANGES, SHARES, "ETERNAL")
    (who,) = parsed.instruments
    assert who.symbols == (
        DatedSymbol("ZOMATO", date(2021, 7, 23), date(2025, 4, 8)),
        DatedSymbol("ETERNAL", date(2025, 4, 9)),
    )
    rows = parsed.rows["actions"].select("action", "ex_date", "symbol").rows()
    assert rows == [
        ("listing", date(2021, 7, 23), "ZOMATO"),
        ("rename", date(2025, 4, 9), "ETERNAL"),
    ]


def test_a_ticker_is_not_followed_past_the_listing_of_its_share() -> None:
    # RELIANCE was listed in 1995: what was renamed to it before is another company.
    parsed = listings("Old Co,OLDCO,RELIANCE,01-JAN-1995\n")
    names = {i.symbol: i.symbols for i in parsed.instruments if len(i.symbols) > 1}
    assert [s.symbol for s in names["RELIANCE"]] == ["OLDCO", "RELIANCE"]
    today = [
        i for i in parsed.instruments if i.symbols[0] == DatedSymbol("RELIANCE", date(1995, 11, 29))
    ]
    assert [i.symbol for i in today] == ["RELIANCE"]


def test_changes_of_shares_listed_no_more_are_one_chain() -> None:
    # ABANLLOYD, ABANLOYD, ABAN: NSE's file of 2006.
    told = "Aban Offshore,ABANLLOYD,ABANLOYD,17-JAN-2005\nAban Offshore,ABANLOYD,ABAN,18-JUL-2006\n"
    parsed = listings(told)
    (gone,) = (i for i in parsed.instruments if i.symbol == "ABAN")
    assert [s.symbol for s in gone.symbols] == ["ABANLLOYD", "ABANLOYD", "ABAN"]
    assert gone.symbols[1].end == date(2006, 7, 17)


@pytest.mark.parametrize("line", ["A,B,C", "A,B,C,soon", "A,,C,01-JAN-2020", "A,B,C,01-JAN-2020,x"])
def test_one_bad_line_makes_all_tickers_useless(line: str) -> None:
    parsed = listings(CHANGES + line + "\n")
    assert (parsed.instruments, [f.rule for f in parsed.faults]) == ((), ["answer"])
    assert "symbolchange line 3" in parsed.faults[0].reason


def test_members_are_known_from_the_day_that_they_were_seen() -> None:
    parsed = parse("memberships NIFTY 50", MEMBERS.encode(), Ask(kind="memberships"))
    rows = parsed.rows["memberships"]
    seen = date(2026, 11, 28)  # in Mumbai, when it is 21:00 UTC of the day before
    assert CLOCK.now().date() == date(2026, 11, 27)
    assert rows.select("index", "start", "end", "weight").unique().rows() == [
        ("NIFTY 50", seen, None, None)
    ]
    assert rows["member"].n_unique() == 3


def test_industries_are_of_the_exchange_s_scheme() -> None:
    ask = Ask(kind="classifications", symbols=("TCS", "INFY"))
    parsed = parse("classifications NIFTY 50", MEMBERS.encode(), ask)
    assert parsed.rows["classifications"].select("scheme", "sector").rows() == [
        ("NSE", "Information Technology")
    ]
    assert [f.instrument for f in parsed.faults] == ["INFY"]
