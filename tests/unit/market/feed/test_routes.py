"""Routes: the table, what else is installed, and what a setting says."""

import pytest

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Origin
from fondaco.market.feed.routes import PREFERRED, ROUTE_MAX, Routes, parse_routes
from fondaco.market.kinds import KINDS
from fondaco.market.sheets import Market, Offer, Sheet


def sheet(name: str, *kinds: str, market: Market = Market.US) -> Sheet:
    offers = tuple(Offer(kind, (market,), "long") for kind in kinds)
    return Sheet(name, name.title(), Origin.LIVE, offers)


def test_the_table_orders_what_is_installed_and_others_follow_by_name() -> None:
    routes = Routes([sheet(name, "quotes") for name in ("zeta", "yahoo", "acme", "finnhub")])
    assert routes.of("quotes", Market.US) == ("finnhub", "yahoo", "acme", "zeta")


def test_what_does_not_offer_the_kind_for_the_market_is_left_out() -> None:
    routes = Routes([sheet("yahoo", "quotes"), sheet("nse", "quotes", market=Market.INDIA)])
    assert routes.of("quotes", Market.INDIA) == ("nse",)
    with pytest.raises(NotFound, match="news for US"):
        routes.of("news", Market.US)


def test_a_setting_replaces_the_route_and_nothing_is_added() -> None:
    sheets = [sheet(name, "quotes") for name in ("yahoo", "finnhub", "acme")]
    routes = Routes(sheets, parse_routes("quotes.US=acme,yahoo"))
    assert routes.of("quotes", Market.US) == ("acme", "yahoo")


def test_a_setting_that_names_what_is_not_installed_is_refused_naming_it() -> None:
    with pytest.raises(InvalidInput, match="bloomberg"):
        Routes([sheet("yahoo", "quotes")], parse_routes("quotes.US=bloomberg,yahoo"))


def test_a_star_stands_for_every_market() -> None:
    read = parse_routes(" macro.*=fred , alfred ; ")
    assert read == {("macro", market): ("fred", "alfred") for market in Market}
    assert parse_routes("") == {}


@pytest.mark.parametrize(
    "text", ["quotes=yahoo", "quotes.MARS=yahoo", "quotes.US=", ".US=yahoo", "quotes.US",
             "quotes.US=" + ",".join("abcdefghi")],
)  # fmt: skip
def test_a_setting_that_cannot_be_read_shows_how_it_is_written(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"quotes\.US=tiingo,yahoo"):
        parse_routes(text)


def test_a_route_is_bounded() -> None:
    routes = Routes([sheet(f"p{n:02d}", "quotes") for n in range(30)])
    assert len(routes.of("quotes", Market.US)) == ROUTE_MAX


def test_the_table_speaks_of_kinds_that_exist_and_names_no_source_twice() -> None:
    assert {kind for kind, _ in PREFERRED} <= set(KINDS) | {"bars_1d"}
    assert all(len(set(names)) == len(names) <= ROUTE_MAX for names in PREFERRED.values())
