"""How the long work of each capability is done: the worker's list of it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, Protocol

from fondaco.core.clock import Clock
from fondaco.core.ids import Ids
from fondaco.core.jobs import Progress
from fondaco.core.settings import Settings
from fondaco.core.workers import Workers
from fondaco.desk.admissions import DeskAdmissions
from fondaco.desk.card_life import CardLife
from fondaco.desk.jobs import Work
from fondaco.desk.ports import Steps
from fondaco.market.ports import Feeds, Instruments
from fondaco.research.ports import ForecastStore, UserStrategies
from fondaco.research.trial_ledger import EvidenceStore, TrialStore
from fondaco.trading.card_desk import CardDesk

if TYPE_CHECKING:
    from fondaco.backtest.ports import BacktestStore, ReportStore
    from fondaco.backtest.tuning.ports import TuningStore
    from fondaco.market.ingest import Ingestor
    from fondaco.market.prices import Prices


class House(Protocol):
    """The services that long work uses; the app has them by these names."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def prices(self) -> "Prices": ...
    @property
    def instruments(self) -> Instruments: ...
    @property
    def ingestor(self) -> "Ingestor": ...
    @property
    def feed(self) -> Feeds: ...
    @property
    def forecasts(self) -> ForecastStore: ...
    @property
    def trials(self) -> TrialStore: ...
    @property
    def evidence(self) -> EvidenceStore: ...
    @property
    def tunings(self) -> "TuningStore": ...
    @property
    def backtests(self) -> "BacktestStore": ...
    @property
    def reports(self) -> "ReportStore": ...
    @property
    def strategies(self) -> UserStrategies: ...
    @property
    def admissions(self) -> DeskAdmissions: ...
    @property
    def card_desk(self) -> CardDesk: ...
    @property
    def card_life(self) -> CardLife: ...

    def new_workers(self) -> Workers: ...
    def transaction(self) -> AbstractContextManager[None]: ...


def works(house: House) -> Mapping[str, Work]:
    """Return the work of each capability by its name; what it needs is built when it runs."""
    return {
        "market.ingest": _ingest(house),
        "cycle.run": _cycle(house),
        "backtest.run": _backtest(house),
        "backtest.sweep": _sweep(house),
        "backtest.tune": _tune(house),
        "backtest.validate": _validate(house),
    }


def _refreshed(house: House) -> tuple[str, ...]:
    from fondaco.desk.refresh import refresh_bars

    symbols = tuple(name for name in house.settings.cycle_symbols.split(",") if name)
    if not symbols:
        return ()
    return refresh_bars(house.feed, symbols, house.instruments, house.clock.now())


def _ingest(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, _: Steps) -> Any:
        from fondaco.market.ingest import run_ingest

        report = run_ingest(house.ingestor, inputs, progress)
        house.card_life.look_at_orders(report.ingest_id)  # new bars may fill what is working
        return report

    def result() -> type:
        from fondaco.market.results import IngestReport

        return IngestReport

    return Work(run, result)


def _cycle(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, steps: Steps) -> Any:
        from fondaco.desk.cycle import CycleParts, run_cycle

        settings = house.settings
        parts = CycleParts(
            prices=house.prices,
            instruments=house.instruments,
            ingestor=lambda: house.ingestor,
            forecasts=house.forecasts,
            card_desk=lambda: house.card_desk,
            admissions=house.admissions,
            strategies=lambda: house.strategies,
            clock=house.clock,
            account=settings.account,
            age_sessions_max=settings.price_age_sessions_max,
            refresh=lambda: _refreshed(house),
        )
        return run_cycle(parts, inputs, progress, steps)

    def result() -> type:
        from fondaco.desk.results import CycleReport

        return CycleReport

    return Work(run, result)


def _backtest(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, _: Steps) -> Any:
        from fondaco.backtest.run import run_backtest
        from fondaco.risk.check import Limits

        return run_backtest(
            house.prices,
            house.instruments,
            house.trials,
            house.backtests,
            house.reports,
            house.clock,
            house.ids,
            Limits.of(house.settings),
            house.strategies,
            inputs,
            progress,
        )

    def result() -> type:
        from fondaco.backtest.result import BacktestResult

        return BacktestResult

    return Work(run, result)


def _sweep(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, _: Steps) -> Any:
        from fondaco.backtest.sweep_run import run_sweep

        with closing(house.new_workers()) as workers:
            return run_sweep(
                house.prices,
                house.instruments,
                house.trials,
                house.clock,
                inputs,
                progress,
                workers,
            )

    def result() -> type:
        from fondaco.backtest.sweep_result import SweepResult

        return SweepResult

    return Work(run, result)


def _tune(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, _: Steps) -> Any:
        from fondaco.backtest.tuning.run import run_tune
        from fondaco.backtest.tuning.search import TuneDesk

        with closing(house.new_workers()) as workers:
            desk = TuneDesk(
                prices=house.prices,
                instruments=house.instruments,
                trials=house.trials,
                tunings=house.tunings,
                strategies=house.strategies,
                workers=workers,
                clock=house.clock,
                transaction=house.transaction,
            )
            return run_tune(desk, inputs, progress)

    def result() -> type:
        from fondaco.backtest.tuning.result import TuneResult

        return TuneResult

    return Work(run, result)


def _validate(house: House) -> Work:
    def run(inputs: dict[str, Any], progress: Progress, _: Steps) -> Any:
        from fondaco.backtest.validation.play import Bench
        from fondaco.backtest.validation.run import run_validation

        bench = Bench(
            house.prices,
            house.instruments,
            house.strategies,
            house.trials,
            house.evidence,
            house.clock,
        )
        return run_validation(bench, inputs, progress)

    def result() -> type:
        from fondaco.backtest.validation.result import ValidationResult

        return ValidationResult

    return Work(run, result)
