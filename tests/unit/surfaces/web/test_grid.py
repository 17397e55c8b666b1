from datetime import UTC, date, datetime
from decimal import Decimal

from fondaco.core.view import Column, Table
from fondaco.surfaces.web.grid import (
    HEADER_PIXELS,
    ROW_PIXELS,
    ROWS_SHOWN_MAX,
    file_name,
    grid_options,
    grid_pixels,
    table_csv,
)

TABLE = Table(
    "Positions",
    (
        Column("Card", "id"),
        Column("Symbol"),
        Column("Gain", "money", unit="USD", signed=True),
        Column("State", "chip"),
        Column("Day", "day"),
        Column("At", "time"),
    ),
    (
        (
            "TC-1",
            "AAPL",
            Decimal("1234.5"),
            "PASS",
            date(2019, 6, 28),
            datetime(2019, 6, 28, 20, tzinfo=UTC),
        ),
        ("TC-2", "=HYPERLINK(1)", Decimal("-2"), "NOT JUDGED", None, None),
    ),
    "bundled",
)


def test_a_cell_is_sorted_by_its_number_and_read_as_its_words() -> None:
    first, second = grid_options(TABLE)["rowData"]
    assert (first["c2"], first["s2"]) == (1234.5, "+1,234.50")
    assert (second["c2"], second["s2"]) == (-2.0, "-2.00")
    assert (first["c4"], first["s4"]) == ("2019-06-28", "2019-06-28")
    assert (second["c4"], second["s4"]) == (None, "–")


def test_numbers_stand_right_and_their_unit_in_the_header() -> None:
    column = grid_options(TABLE)["columnDefs"][2]
    assert column["headerName"] == "Gain, USD"
    assert "ag-right-aligned-cell" in column["cellClass"]
    assert column["cellClassRules"] == {"gain": "x > 0", "loss": "x < 0"}


def test_a_state_is_a_word_a_tone_and_a_sign() -> None:
    first, second = grid_options(TABLE)["rowData"]
    assert (first["s3"], first["t3"], first["m3"]) == ("PASS", "good", "✓")
    assert (second["s3"], second["t3"], second["m3"]) == ("NOT JUDGED", "warning", "?")


def test_an_id_knows_its_page() -> None:
    assert grid_options(TABLE)["rowData"][0]["p0"] == "/cards/TC-1"


def test_a_narrow_screen_keeps_the_symbol_and_the_state() -> None:
    columns = grid_options(TABLE)["columnDefs"]
    ranked = sorted(columns, key=lambda column: column["context"]["rank"])
    assert [column["headerName"] for column in ranked[:2]] == ["Symbol", "State"]


def test_a_long_table_scrolls_in_a_window_of_rows() -> None:
    rows = tuple((f"TC-{n}", "A", Decimal(n), "PASS", None, None) for n in range(500))
    long = Table("Long", TABLE.columns, rows)
    assert grid_options(TABLE)["domLayout"] == "autoHeight"
    assert grid_options(long)["domLayout"] == "normal"
    assert grid_pixels(long) == HEADER_PIXELS + ROW_PIXELS * ROWS_SHOWN_MAX + 2


def test_csv_has_every_digit_and_the_datas_label() -> None:
    lines = table_csv(TABLE).splitlines()
    assert lines[0] == 'Card,Symbol,"Gain, USD",State,Day,At,data'
    assert lines[1] == "TC-1,AAPL,1234.5,PASS,2019-06-28,2019-06-28T20:00:00+00:00,bundled"


def test_csv_disarms_what_a_spreadsheet_would_run() -> None:
    cells = table_csv(TABLE).splitlines()[2].split(",")
    assert cells[1] == "'=HYPERLINK(1)"
    assert cells[2] == "-2", "a negative number is a number"


def test_a_file_is_named_by_its_title_and_label() -> None:
    assert file_name("Équité", "", "csv") == "quit.csv"
    assert file_name("–", "", "csv") == "table.csv"
