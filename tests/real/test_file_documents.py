"""Documents that companies filed, through the `file` provider and a real ingestor.

Days, tickers and forms are those printed on the documents; the facts are counted as plain JSON.
"""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fondaco.core.errors import InvalidInput
from real.test_file_kinds import CLOCK, DATA, FUNDAMENTALS, Desk

FOLDER = DATA / FUNDAMENTALS
FACTS = FOLDER / "edgar_companyfacts_SNOW.json.gz"
FORMS = FOLDER / "sec_forms"
REPORTS = FOLDER / "filings"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FACTS.exists(), reason=f"SKIPPED: {FACTS} is not there"),
]

COVERS = {
    FORMS / "Oracle.8-K.html": ("ORCL", "8-K", date(2024, 11, 14)),
    FORMS / "form8k.Nordstrom.html": ("JWN", "8-K", date(2023, 3, 1)),
    REPORTS / "aapl-10-k-2024-11-01.html.gz": ("AAPL", "10-K", date(2024, 9, 28)),
    REPORTS / "aapl-10-q-2025-08-01.html.gz": ("AAPL", "10-Q", date(2025, 6, 28)),
}
DEALS = {"form4.snow.xml": 6, "form5.snow.xml": 1, "374WaterForm4.xml": 1}
OTHERS = {
    "form3.snow.nonderiv.xml": "Form 3 tells of no deals",
    "form.13FHR.xml": "declares a document type",
    "13F-HR.infotable.xml": "not whole XML",
    "13F.0001894188-23-000007.txt": "not whole XML",
    "metlife.13F-HR.primarydoc.xml": "not an ownershipDocument",
    "schedule13d.xml": "a edgarSubmission, not an ownershipDocument",
    "schedule13g.xml": "not whole XML",
}


def there(path: Path) -> Path:
    """Return a file that is there; its test is skipped, and says so, where it is not."""
    if not path.exists():
        pytest.skip(f"SKIPPED: {path} is not there")
    return path


def test_every_fact_of_a_company_is_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    report = desk.take(FACTS, layout="edgar-facts", symbol="SNOW")
    told = json.loads(gzip.decompress(FACTS.read_bytes()))["facts"]
    facts = sum(
        len(cells) for c in told.values() for a in c.values() for cells in a["units"].values()
    )
    assert report.rows_given == report.rows_new + report.rows_quarantined == facts
    assert report.rows_quarantined == 0
    kept = desk.store.read("fundamentals", as_of=datetime(2024, 1, 1, tzinfo=UTC))
    assert 0 < kept.height < facts
    assert set(kept["source"]) == {"file"}
    assert desk.take(FACTS, layout="edgar-facts", symbol="SNOW").rows_new == 0


@pytest.mark.parametrize("path", COVERS, ids=lambda path: path.name)
def test_a_report_is_a_filing_of_its_company(tmp_path: Path, path: Path) -> None:
    symbol, form, period = COVERS[path]
    desk = Desk(tmp_path)
    report = desk.take(there(path), layout="edgar-report")
    assert (report.rows_new, report.rows_quarantined) == (1, 0)
    row = desk.store.read("filings").row(0, named=True)
    assert (row["form"], row["period"], row["known_at"]) == (form, period, CLOCK.now())
    assert [i.symbol for i in desk.book.all() if i.id == row["instrument"]] == [symbol]


@pytest.mark.parametrize("name", DEALS)
def test_the_deals_of_a_form_are_kept(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    report = desk.take(there(FORMS / name), layout="edgar-owners")
    assert (report.rows_new, report.rows_quarantined) == (DEALS[name], 0)


@pytest.mark.parametrize("name", OTHERS)
def test_a_form_that_tells_of_no_deals_is_refused_with_the_reason(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidInput, match=OTHERS[name]):
        Desk(tmp_path).take(there(FORMS / name), layout="edgar-owners")


def test_the_plain_text_of_a_report_is_no_filing(tmp_path: Path) -> None:
    path = there(REPORTS / "aapl-10-k-2024-11-01.txt.gz")
    with pytest.raises(InvalidInput, match="no cover page in inline XBRL"):
        Desk(tmp_path).take(path, layout="edgar-report", symbol="AAPL")


def test_a_company_that_is_not_listed_must_be_named(tmp_path: Path) -> None:
    desk, path = Desk(tmp_path), there(FORMS / "NextPoint.8K.html")
    with pytest.raises(InvalidInput, match="of which ticker"):
        desk.take(path, layout="edgar-report")
    desk.take(path, layout="edgar-report", symbol="NEXPOINT")
    row = desk.store.read("filings").row(0, named=True)
    assert (row["title"], row["period"]) == ("NEXPOINT CAPITAL, INC.", date(2023, 12, 20))
