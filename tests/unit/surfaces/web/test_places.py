from fondaco.surfaces.web.places import FOUND_MAX, PLACES, entries, find
from fondaco.surfaces.web.ports import Listing

from .toy import ToyDesk

DESK = ToyDesk()
ALL = entries(DESK.catalogue, DESK.listings())


def test_each_page_has_a_letter_of_its_own() -> None:
    letters = [place.letter for place in PLACES]
    assert len(set(letters)) == len(letters)


def test_the_palette_offers_pages_symbols_and_the_whole_catalogue() -> None:
    paths = {one.path for one in ALL}
    assert {place.path for place in PLACES} <= paths
    assert {f"/ask/{name}" for name in DESK.catalogue.names} <= paths
    assert "/symbol/AAPL" in paths


def test_a_symbol_is_found_by_ticker_and_by_name() -> None:
    assert find("aapl", ALL)[0].path == "/symbol/AAPL"
    assert find("microsoft", ALL)[0].path == "/symbol/MSFT"


def test_a_command_is_found_by_its_words_in_any_order() -> None:
    assert find("approve cards", ALL)[0].path == "/ask/cards.approve"


def test_what_begins_with_the_query_comes_before_what_only_holds_it() -> None:
    found = [one.words for one in find("jo", ALL)]
    assert found.index("jobs list") < found.index("Go to Journal")


def test_nothing_is_found_for_nonsense_and_no_more_than_fits_for_nothing() -> None:
    assert find("zzz", ALL) == []
    many = entries([], [Listing(f"S{n}") for n in range(500)])
    assert len(find("", many)) == FOUND_MAX
