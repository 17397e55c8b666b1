"""The trial ledger and the promotions that rest on it: values, and the stores that keep them.

Every evaluation of any idea by anyone is a `Trial`, counted for good. `Evidence` is what one
validation found of a strategy, and a `Promotion` is the gate's decision on it. All three are
append-only: what was counted is never taken back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from fondaco.core.instrument import Origin

if TYPE_CHECKING:
    # It brings numpy, and this module stands on `--help`'s way.
    from fondaco.research.statistics.effective import Stream


class Kind(StrEnum):
    """How a trial came about."""

    BACKTEST = "backtest"
    SWEEP = "sweep"
    TUNE = "tune"
    VALIDATE = "validate"
    HOLDOUT = "holdout"
    NOTED = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One evaluation of one idea on data, counted for good.

    `content` is the hash of code, parameters, instruments, data version, span and costs: the same
    content again is the same trial. `family` names what is one idea in several strategies; `code`
    is the hash of the source alone. `costs` are in words, `costs_dated` the day that they are
    known to be right for, None for a rate that somebody set. `days` (since 1970-01-01) and
    `returns` are the daily returns of the evaluation; a trial that was noted by hand may have
    none, and then counts as unlike every other. `label` is None where that was not written down, as
    on older desks. `lineage` names what led to it: a job, a study.
    """

    content: str
    strategy: str
    family: str
    parameters: dict[str, Any]
    author: str
    surface: str
    kind: Kind
    at: datetime
    code: str
    data_version: int
    instruments: int
    label: Origin | None
    since: datetime
    until: datetime
    costs: str
    costs_dated: date | None
    metrics: dict[str, float]
    days: tuple[int, ...]
    returns: tuple[float, ...]
    lineage: str = ""


@dataclass(frozen=True, slots=True)
class Which:
    """Which trials are meant: those that agree with every field that is not None."""

    strategy: str | None = None
    family: str | None = None
    author: str | None = None
    kind: Kind | None = None
    data_version: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A trial without its parameters and metrics, as counts and clouds need it.

    `stream` is None for a trial that was noted without its returns.
    """

    content: str
    strategy: str
    family: str
    kind: Kind
    at: datetime
    since: datetime
    until: datetime
    stream: "Stream | None"


EVERY = Which()


class TrialStore(Protocol):
    """The trial ledger: append-only, shared by everyone on the desk."""

    def add(self, trial: Trial) -> bool:
        """Count a trial; False when its content was counted before."""
        ...

    def get(self, content: str) -> Trial:
        """Return the trial of a content, or of the only one that starts so; raises NotFound."""
        ...

    def list(self, which: Which = EVERY, *, limit: int = 100) -> tuple[Trial, ...]:
        """Return trials, newest first."""
        ...

    def count(self, which: Which = EVERY) -> int:
        """Return how many trials were made."""
        ...

    def lines(self, which: Which = EVERY, *, limit: int) -> tuple[Line, ...]:
        """Return trials with their streams, newest first."""
        ...


class Stage(StrEnum):
    """How far a strategy or model has come."""

    CANDIDATE = "candidate"
    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the gate: met or not, the value found, its bound, and what would meet it."""

    name: str
    met: bool
    value: str
    bound: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one validation found of one strategy, fixed with its parameters and code.

    `id` is empty until it is kept; `key` is the same for the same validation again. `proof` says
    in words what was tried by the look-ahead proof, None when it was not proved. `trial` and
    `holdout` are the contents of the trials on the span that was searched and on the span that
    was kept back; `touched` are the trials of its family that had reached into the latter before.
    `overfit` is the probability of backtest overfitting over `overfit_sets` sets, None where
    nothing was chosen among several.
    """

    id: str
    key: str
    strategy: str
    family: str
    code: str
    parameters: dict[str, Any]
    author: str
    surface: str
    at: datetime
    data_version: int
    instruments: int
    label: Origin
    proof: str | None
    costs: str
    costs_dated: date | None
    trial: str
    since: date
    until: date
    holdout: str | None
    holdout_since: date | None
    holdout_until: date | None
    touched: tuple[str, ...]
    overfit: float | None
    overfit_sets: int


class EvidenceStore(Protocol):
    """Keeps evidence for good."""

    def add(self, evidence: Evidence) -> str:
        """Keep evidence under the next id, EV-n; the same key again keeps its first id."""
        ...

    def get(self, evidence_id: str) -> Evidence:
        """Return evidence with its id; raises NotFound."""
        ...

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Evidence, ...]:
        """Return evidence, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A decision of the gate: this strategy, with this code and these parameters, may stand here.

    `conditions` are those of the gate as they were found then. `override` is the reason of the
    person who promoted it in spite of them, empty where the gate let it pass; it is for ever.
    """

    id: str
    strategy: str
    family: str
    code: str
    parameters: dict[str, Any]
    stage: Stage
    evidence: str
    conditions: tuple[Condition, ...]
    override: str
    author: str
    surface: str
    at: datetime


class PromotionStore(Protocol):
    """Keeps promotions for good; the newest of a strategy is the one in force."""

    def add(self, promotion: Promotion) -> str:
        """Keep a promotion under the next id, PR-n, and return that id."""
        ...

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Promotion, ...]:
        """Return promotions, newest first."""
        ...

    def current(self) -> tuple[Promotion, ...]:
        """Return the promotion in force of each strategy, by strategy name."""
        ...


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """What a strategy did on paper since it was promoted there.

    `sessions` since its first fill, `fills` counted; `sharpe` annual, of the daily gains of its
    own positions over the account's equity, None for fewer than two sessions; `slippage_bps` the
    mean over its fills of price paid against the card's, worse above zero.
    """

    sessions: int
    fills: int
    sharpe: float | None
    returns: tuple[float, ...]
    slippage_bps: float | None


class PaperRecords(Protocol):
    """Measures what strategies did on paper."""

    def of(self, strategy: str, since: datetime) -> PaperRecord:
        """Return the record of a strategy's own cards that were proposed since a moment."""
        ...
