"""Documents of the SEC through the `file` provider: whose they are, when known, what is none."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conformance.recorded.edgar import FORM4
from fondaco.core.errors import InvalidInput
from unit.adapters.providers.test_file_layouts import CLOCK, COVER, at, read, rows_of


def test_without_a_day_of_filing_a_document_is_known_when_it_is_read(tmp_path: Path) -> None:
    rows = rows_of(read(tmp_path, FORM4, "edgar-owners"))
    assert set(rows["known_at"]) == {CLOCK.now()}
    assert set(rows["ts"]) == {at("2022-12-13T21:00")}


def test_a_day_of_filing_that_has_not_ended_does_not_reach_into_the_future(tmp_path: Path) -> None:
    today = CLOCK.now().date().isoformat()
    rows = rows_of(read(tmp_path, FORM4, "edgar-owners", vintage=today))
    assert set(rows["known_at"]) == {CLOCK.now()}


def test_a_deal_after_the_day_of_its_filing_is_set_aside(tmp_path: Path) -> None:
    parsed = read(tmp_path, FORM4, "edgar-owners", vintage="2022-12-11")
    assert rows_of(parsed).is_empty()
    assert [f.rule for f in parsed.faults] == ["unreadable", "unreadable"]
    assert "after it was filed" in parsed.faults[0].reason


def test_the_same_document_has_one_name_under_any_file_name(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    numbers = [set(rows_of(read(f, FORM4, "edgar-owners"))["filing"]) for f in (first, second)]
    assert numbers[0] == numbers[1]
    assert all(number.startswith("sha256:") for number in numbers[0])


def test_a_document_packed_with_gzip_is_read_too(tmp_path: Path) -> None:
    plain = rows_of(read(tmp_path, FORM4, "edgar-owners"))
    packed = gzip.compress(FORM4.encode(), mtime=0)
    assert rows_of(read(tmp_path, packed, "edgar-owners")).equals(plain)


def test_an_amended_report_is_another_form(tmp_path: Path) -> None:
    amended = COVER.replace(">false<", ">true<")
    assert rows_of(read(tmp_path, amended, "edgar-report"))["form"].to_list() == ["10-K/A"]
    already = amended.replace(">10-K<", ">10-K/A<")
    assert rows_of(read(tmp_path, already, "edgar-report"))["form"].to_list() == ["10-K/A"]


def test_the_day_of_a_period_may_be_written_in_numbers(tmp_path: Path) -> None:
    text = COVER.replace("September\n", "2024-09-28<!--").replace(", 2024<", "--><")
    assert rows_of(read(tmp_path, text, "edgar-report"))["period"].to_list() == [date(2024, 9, 28)]


@pytest.mark.parametrize(
    ("layout", "text", "reason"),
    [
        ("edgar-report", "<html><body>FORM 10-K</body></html>", "no cover page in inline XBRL"),
        ("edgar-report", COVER.replace("September", "Sometime"), "is no day"),
        ("edgar-report", b"\xff\xfe\x00", "no text in UTF-8"),
        ("edgar-owners", "<informationTable/>", "informationTable, not an ownershipDocument"),
        ("edgar-owners", "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>", "declares a document type"),
        ("edgar-facts", "not json", "not whole JSON"),
        ("edgar-facts", '{"cik": 1, "facts": {}}', "no facts"),
    ],
)
def test_what_is_no_such_document_is_refused_with_the_reason(
    tmp_path: Path, layout: str, text: str | bytes, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=f"cannot be read as {layout}.*{reason}"):
        read(tmp_path, text, layout, symbol="AAPL")


@pytest.mark.parametrize(
    ("layout", "text", "options", "says"),
    [
        ("edgar-facts", "{}", {}, "of which ticker"),
        ("edgar-report", COVER.replace("AAPL", ""), {}, "of which ticker"),
        ("edgar-owners", FORM4.replace("SNOW<", "NYSE: SNOW<"), {}, "of which ticker"),
        ("edgar-owners", FORM4, {"filing": "12"}, "no number of a filing"),
        ("edgar-owners", FORM4, {"document": "edgar-facts"}, "no such document"),
        ("", FORM4, {"document": "letter"}, "no such document"),
        ("edgar-owners", b"\x1f\x8bcut", {}, "cannot be unpacked"),
    ],
)
def test_what_a_person_must_mend_is_refused_with_what_to_do(
    tmp_path: Path, layout: str, text: str | bytes, options: dict[str, str], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        read(tmp_path, text, layout, **options)


def test_facts_that_were_filed_later_than_now_are_set_aside(tmp_path: Path) -> None:
    assert CLOCK.now() > datetime(2026, 1, 1, tzinfo=UTC)
    fact = (
        '{"cik": 1, "facts": {"dei": {"A": {"units": {"shares": [{"val": 1, "end": "2026-08-01",'
        ' "accn": "0001640147-26-000001", "filed": "2099-01-01"}]}}}, "us-gaap": {"B": {"units":'
        ' {"USD": [{"val": 2, "end": "2026-08-01", "accn": "0001640147-26-000001",'
        ' "filed": "2026-08-20"}]}}}}}'
    )
    parsed = read(tmp_path, fact, "edgar-facts", symbol="AAPL")
    assert rows_of(parsed)["value"].to_list() == [2.0]
    assert ["has not come yet" in f.reason for f in parsed.faults] == [True]
