"""What the outside may ask of market data: bring it in, read it, see and settle its faults."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.jobs import Job, Jobs
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.quantities import Day, Symbol
from fondaco.market.ports import Directory, Fault, Gate, Instruments
from fondaco.market.results import (
    DiscardReport,
    FaultLine,
    FaultList,
    IngestReport,
    QualitySummary,
    ReplayReport,
)
from fondaco.market.rules import RULES
from fondaco.market.views import (
    view_discard,
    view_faults,
    view_ingest,
    view_quality,
    view_replay,
)

REPLAY_FAULTS_MAX = 5_000

ProviderName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{1,31}$",
        description="where from, e.g. bundled, file, yahoo; `providers status` lists all",
    ),
]
KindName = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{2,32}$", description="kind of data, e.g. bars_1d, chains")
]
AskedFor = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="symbol, series or issuer, as the kind of data has it; may be given again",
    ),
]
FilePath = Annotated[str, Field(max_length=1_024, description="path of a CSV or Parquet file")]
Mapping = Annotated[
    str,
    Field(
        max_length=1_024, description='columns of the file: "date=Date,close=Close,symbol=Ticker"'
    ),
]
Option = Annotated[
    str,
    Field(
        max_length=1_024, pattern=r"^[a-z_]+=.+$", description="option of the provider, name=value"
    ),
]
FaultId = Annotated[str, Field(pattern=r"^Q-[0-9a-f]{16}$", description="fault id, Q- and digits")]
RuleName = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", description="rule of the quality gate")]
Reason = Annotated[
    str,
    Field(
        min_length=8,
        max_length=REASON_CHARS_MAX,
        description="why the rows are right; kept for good",
    ),
]
Factor = Annotated[
    float,
    Field(
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="split factor of the first row, 0.2 for 5-for-1",
    ),
]
LineLimit = Annotated[int, Field(ge=1, le=1_000, description="most lines to return, 1 to 1000")]


@capability("market.ingest", Effect.WRITE, view=view_ingest, job=IngestReport)
def ingest(
    jobs: Jobs,
    providers: Directory,
    /,
    *,
    provider: ProviderName,
    kind: KindName = "bars_1d",
    symbol: tuple[AskedFor, ...] = (),
    path: FilePath = "",
    mapping: Mapping = "",
    factors: FilePath = "",
    option: tuple[Option, ...] = (),
    since: Day | None = None,
    until: Day | None = None,
) -> Job:
    """Bring market data in from a provider; doubtful rows wait in quarantine.

    The same data twice changes nothing. `bundled` takes no options. `file` needs a path and, where
    its columns have other names than ours, a mapping or `--option layout=NAME`; how-to/own-prices
    lists layouts and options. Other providers need symbols (`--symbol AAPL --symbol MSFT`) and
    most a key; none was ever run against its live service by its makers.

    Example:
        fondaco market ingest bundled
    """
    if since and until and until < since:
        raise InvalidInput(
            "the span ends before it starts", value=f"{since} to {until}", bound="since <= until"
        )
    providers.sheet(provider).offer(kind)
    options = dict(text.split("=", 1) for text in option)
    given = {"path": path, "mapping": mapping, "factors": factors}
    options |= {name: text for name, text in given.items() if text}
    for name in ("path", "factors", "names", "sectors", "about"):
        if options.get(name):  # the worker may stand in another folder
            options[name] = str(Path(options[name]).expanduser().absolute())
    return jobs.start(
        "market.ingest",
        {
            "provider": provider,
            "kind": kind,
            "symbols": list(symbol),
            "options": options,
            "since": since and since.isoformat(),
            "until": until and until.isoformat(),
        },
    )


@capability("market.faults", Effect.READ, view=view_faults)
def list_faults(
    ingestor: Gate,
    instruments: Instruments,
    /,
    *,
    symbol: Symbol | None = None,
    rule: RuleName | None = None,
    kind: KindName | None = None,
    source: Annotated[str, Field(max_length=64, description="origin, or origin:name")] = "",
    state: Annotated[
        Literal["open", "resolved", "all"], Field(description="which faults")
    ] = "open",
    limit: LineLimit = 100,
) -> FaultList:
    """List what the quality gate did not let in, with its reason and place in the source.

    Example:
        fondaco market faults --rule jump
    """
    resolved = {"open": False, "resolved": True, "all": None}[state]
    named = _ids_of(instruments, symbol) if symbol else ()
    found = ingestor.faults(
        instruments=named,
        rule=_known_rule(rule),
        resolved=resolved,
        kind=kind or "",
        source=source,
    )
    if symbol and not found and len(named) == 1:
        instruments.by_symbol(symbol, date.max)  # says which symbols look like it
    names = {str(i.id): i.symbol for i in instruments.all()}
    return FaultList(len(found), tuple(_fault_line(f, names) for f in found[:limit]))


@capability("market.replay", Effect.WRITE, view=view_replay, to_model=False)
def replay(
    ingestor: Gate,
    instruments: Instruments,
    caller: Caller,
    /,
    *,
    reason: Reason,
    fault: tuple[FaultId, ...] = (),
    symbol: Symbol | None = None,
    rule: RuleName | None = None,
    factor: Factor | None = None,
) -> ReplayReport:
    """Let quarantined rows in, by a person's decision, with the reason kept for good.

    Name faults by id, or all open ones of a symbol under a rule. The rows enter with their own
    known time. `factor` puts a split right that the source lacks: it is given to the first row.
    Rows that cannot be true (no number, high below low) cannot be let in.

    Example:
        fondaco market replay "checked against the exchange" --symbol RRC --rule jump
    """
    _person(caller, "overrule the quality gate")
    if bool(fault) == bool(symbol and rule) or bool(symbol) != bool(rule):
        raise InvalidInput(
            "name faults by id, or a symbol and a rule, not both",
            remedy="`fondaco market faults` lists the ids.",
        )
    if symbol and rule:
        named = _ids_of(instruments, symbol)
        found = ingestor.faults(instruments=named, rule=_known_rule(rule), resolved=False)
    else:
        found = _by_id(ingestor, fault)
    if len(found) > REPLAY_FAULTS_MAX:
        raise InvalidInput(
            "too many faults for one decision",
            value=len(found),
            bound=REPLAY_FAULTS_MAX,
            remedy="Name some of them by id.",
        )
    return ingestor.replay(found, by=caller.actor, reason=reason, factor=factor)


@capability("market.discard", Effect.WRITE, view=view_discard, to_model=False)
def discard(
    ingestor: Gate, caller: Caller, /, *, reason: Reason, fault: tuple[FaultId, ...]
) -> DiscardReport:
    """Keep quarantined rows out for good, by a person's decision, with the reason kept for good.

    The faults stay in the record as resolved; the same rows are not asked about again.

    Example:
        fondaco market discard "a preferred share, not the common" --fault Q-0123456789abcdef
    """
    _person(caller, "settle what the quality gate holds back")
    return ingestor.discard(_by_id(ingestor, fault), by=caller.actor, reason=reason)


@capability("market.reparse", Effect.WRITE, view=view_ingest, to_model=False)
def reparse(
    ingestor: Gate,
    /,
    *,
    which: Annotated[
        str, Field(min_length=8, max_length=64, description="ingest id, or digest of a raw answer")
    ],
) -> IngestReport:
    """Read the kept raw answers of an ingest again with today's parser, and keep what is new.

    Rows keep the known time that they had; what contradicts a stored row is a revision known now.

    Example:
        fondaco market reparse INGEST
    """
    return ingestor.reparse(which)


@capability("market.quality", Effect.READ, view=view_quality)
def show_quality(ingestor: Gate, /) -> QualitySummary:
    """Show the faults of all data by source, kind and rule, and what the store holds of each kind.

    Example:
        fondaco market quality
    """
    return ingestor.summary()


def _person(caller: Caller, what: str) -> None:
    if not caller.person:
        raise Refused(
            f"only a person may {what}",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk to do it in the terminal or on the CLI.",
        )


def _known_rule(rule: str | None) -> str:
    if rule and rule not in RULES:
        raise InvalidInput("the quality gate has no such rule", value=rule, bound=", ".join(RULES))
    return rule or ""


def _ids_of(instruments: Instruments, symbol: str) -> tuple[str, ...]:
    """Return all instruments that ever had a symbol, and the symbol itself.

    A row that nothing could be made of is kept under the symbol as written in its source.
    """
    ids = tuple(i.id for i in instruments.all() if any(s.symbol == symbol for s in i.symbols))
    return (*ids, symbol)


def _by_id(ingestor: Gate, ids: tuple[str, ...]) -> tuple[Fault, ...]:
    found = ingestor.faults(ids=ids)
    unknown = sorted(set(ids) - {fault.id for fault in found})
    if unknown:
        raise NotFound(
            "no such fault", value=", ".join(unknown), remedy="`fondaco market faults` lists them."
        )
    return found


def _fault_line(fault: Fault, names: dict[str, str]) -> FaultLine:
    symbol = names.get(fault.instrument, fault.instrument)
    return FaultLine(
        fault.id,
        fault.rule,
        symbol,
        fault.session,
        fault.reason,
        fault.where,
        fault.row,
        fault.source,
        fault.seen_at,
        RULES[fault.rule].replayable,
        fault.resolved,
    )
