"""How far a fast copy lies behind its table."""

from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.stores.delta import store as module
from fondaco.adapters.stores.delta.store import DeltaStore
from unit.market.rows import AAA, BBB, bar_rows, page


def test_a_fast_copy_lacks_what_was_added_since_and_a_small_table_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DeltaStore(tmp_path)
    assert store.behind("bars_1d") == 0
    store.append("bars_1d", bar_rows(page(AAA, [1.0] * 20)), ingest_id="1")
    assert store.behind("bars_1d") == 0, "it is kept in memory whole"
    monkeypatch.setattr(module, "FRAME_ROWS_MAX", 10)
    assert store.behind("bars_1d") == 20, "there is no fast copy yet"
    assert store.refresh("bars_1d")
    assert store.behind("bars_1d") == 0
    store.append("bars_1d", bar_rows(page(BBB, [1.0] * 7)), ingest_id="2")
    assert store.behind("bars_1d") == 7
    store.compact("bars_1d")
    assert store.behind("bars_1d") == 7, "another layout adds no row"
    assert store.read("bars_1d").select(pl.len()).item() == 27
