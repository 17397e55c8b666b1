"""The worker's list of long work: each leads to its runner, and new bars wake waiting orders."""

from dataclasses import dataclass, field
from typing import Any

from fondaco.core.instrument import Origin
from fondaco.core.jobs import Silent
from fondaco.desk.fakes import KeptSteps
from fondaco.desk.works import works
from fondaco.market.results import IngestReport


@dataclass
class Waking:
    """A desk whose ingestor gives one report, and whose cards remember being looked at."""

    occasions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ingestor = self.card_life = self

    def ingest(self, provider: str, *_: Any) -> IngestReport:
        """Take in nothing."""
        return IngestReport("in-7", provider, Origin.FILE, 0, None, None, 0, 0, 0, (), (), 1)

    def look_at_orders(self, occasion: str) -> None:
        """Remember the occasion."""
        self.occasions.append(occasion)


def test_new_bars_have_every_working_order_looked_at() -> None:
    house = Waking()
    work = works(house)["market.ingest"]  # type: ignore[arg-type]
    report = work.run({"provider": "file"}, Silent(), KeptSteps())
    assert isinstance(report, work.result())
    assert house.occasions == ["in-7"]


def test_every_kind_of_long_work_is_listed() -> None:
    listed = set(works(Waking()))  # type: ignore[arg-type]
    assert listed == {
        "market.ingest",
        "cycle.run",
        "backtest.run",
        "backtest.sweep",
        "backtest.tune",
        "backtest.validate",
    }
