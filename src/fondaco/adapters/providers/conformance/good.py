"""What must hold when the recorded answers come as they are."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.adapters.providers.conformance.outcome import CRASHES, Outcome, Row, outcome
from fondaco.adapters.providers.fits import check_row
from fondaco.adapters.providers.read_json import Useless
from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError, InvalidInput, NotFound
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.identity import origin_of
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Parsed, Provider, Raw
from fondaco.market.tables import BARS, PARSED

NO_OPTION = {"colour_of_the_sky": "red"}
NO_SYMBOL = "A&x=1/../ ?"


def good_problems(recorded: Recorded, clock: Clock) -> tuple[str, ...]:
    """Return what is wrong with how a provider asks for and reads its recorded answers."""
    try:
        provider = recorded.build(clock, recorded.answer)
        raws = provider.ask(recorded.ask)
        first = [provider.parse(raw, recorded.ask) for raw in raws]
        again = [recorded.build(clock, recorded.answer).parse(raw, recorded.ask) for raw in raws]
    except CRASHES as error:
        return (f"the good answers raise {type(error).__name__}: {error}",)
    got = outcome(recorded, clock, recorded.answer)
    return (
        *_of_provider(recorded, provider),
        *(word for raw in raws for word in _of_raw(raw, provider, clock)),
        *(word for n, p in enumerate(first) for word in _of_parsed(recorded, n, p, again[n])),
        *_of_rows(recorded, raws, first),
        *filter(None, (shows_secret(recorded, got),)),
        *_of_wrong_asks(recorded, clock),
    )


def _of_provider(recorded: Recorded, provider: Provider) -> Iterator[str]:
    sheet = recorded.sheet
    if (provider.name, provider.origin) != (sheet.name, sheet.origin):
        yield f"name and origin are {provider.name}, {provider.origin}, not those of the sheet"
    if recorded.ask.kind not in {offer.kind for offer in sheet.offers}:
        yield f"the sheet does not offer {recorded.ask.kind}"
    if not sheet.terms or not sheet.tried:
        yield "the sheet does not say its terms, or what was tried"


def _of_raw(raw: Raw, provider: Provider, clock: Clock) -> Iterator[str]:
    if raw.provider != provider.name or not raw.name or not raw.request:
        yield f"a raw answer does not say what it is of: {raw.provider}, {raw.name}, {raw.request}"
    if raw.asked_at != clock.now():
        yield f"{raw.name}: asked_at is {raw.asked_at}, not {clock.now()}"
    if raw.digest != hashlib.sha256(raw.body).hexdigest():
        yield f"{raw.name}: the digest is not that of the body"


def _of_parsed(recorded: Recorded, n: int, parsed: Parsed, again: Parsed) -> Iterator[str]:
    kind = recorded.ask.kind
    frames = parsed.rows if kind != BARS else {BARS: parsed.bars}
    others = again.rows if kind != BARS else {BARS: again.bars}
    if parsed.faults:
        yield f"answer {n + 1} has faults: {[f.reason for f in parsed.faults][:3]}"
    if (parsed.instruments, parsed.faults, parsed.moves) != (
        again.instruments,
        again.faults,
        again.moves,
    ):
        yield f"answer {n + 1} parsed twice gives other instruments or faults"
    schema = PARSED if kind == BARS else kind_named(kind).parsed
    for name, frame in frames.items():
        if name != kind:
            yield f"answer {n + 1} gives rows of {name}"
        elif dict(frame.schema) != schema:
            yield f"answer {n + 1} has other columns than its kind: {frame.columns}"
        elif not frame.equals(others[name]):
            yield f"answer {n + 1} parsed twice gives other rows"


def _of_rows(recorded: Recorded, raws: tuple[Raw, ...], parsed: list[Parsed]) -> Iterator[str]:
    kind = recorded.ask.kind
    pairs = [(raw, p, row) for raw, p in zip(raws, parsed, strict=True) for row in _frame(kind, p)]
    if len(pairs) != recorded.rows:
        yield f"{len(pairs)} rows come, not {recorded.rows}"
    of = "instrument" if kind == BARS else kind_named(kind).of
    for raw, p, row in pairs:
        try:
            check_row(kind, row, raw.asked_at)
        except Useless as error:
            yield f"a row that cannot be true comes out: {error}"
        if not row["where"] or not row["source"]:
            yield "a row does not say where it stands and whose it is"
        elif origin_of(row["source"]) != recorded.sheet.origin:
            yield f"the source {row['source']} is not of the origin {recorded.sheet.origin}"
        if of == "instrument" and row[of] not in {i.id for i in p.instruments}:
            yield f"{row[of]} does not come with the rows of it"
        day = row.get("session")
        since, until = recorded.ask.since, recorded.ask.until
        if day and ((since and day < since) or (until and day > until)):
            yield f"{day} is not in the span that was asked for"


def _frame(kind: str, parsed: Parsed) -> list[Row]:
    frame = parsed.bars if kind == BARS else parsed.rows.get(kind)
    return [] if frame is None else frame.to_dicts()


def _of_wrong_asks(recorded: Recorded, clock: Clock) -> Iterator[str]:
    """Yield what is wrong with how asks that cannot be answered are refused."""
    asks: list[tuple[str, Ask, type[FondacoError]]] = [
        (
            "an option that is none",
            replace(recorded.ask, options={**(recorded.ask.options or {}), **NO_OPTION}),
            InvalidInput,
        ),
        ("a kind that is not offered", replace(recorded.ask, kind="no_such_kind"), NotFound),
    ]
    kind = recorded.ask.kind
    if recorded.ask.symbols and (kind == BARS or kind_named(kind).of == "instrument"):
        wrong = replace(recorded.ask, symbols=(NO_SYMBOL,))
        asks.append(("a symbol that is none", wrong, InvalidInput))
    for words, ask, right in asks:
        says = _raised(recorded, clock, ask)
        if not isinstance(says, right):
            yield f"{words} raises {says!r}, not {right.__name__}"
    need = recorded.sheet.key
    if need is not None and not need.optional:
        says = _raised(replace(recorded, secrets={}), clock, recorded.ask)
        if not isinstance(says, Unanswered) or says.cause is not Cause.KEY:
            yield f"without its key it raises {says!r}, not Unanswered for want of a key"


def _raised(recorded: Recorded, clock: Clock, ask: Ask) -> Exception | None:
    try:
        recorded.build(clock, lambda _: reply(404, b"")).ask(ask)
    except CRASHES as error:
        return error
    return None


def shows_secret(recorded: Recorded, got: Outcome) -> str:
    """Return where a secret shows in raw answers, faults or errors; empty when nowhere."""
    texts = [text for raw in got.raws for text in (raw.name, raw.request, str(raw.body))]
    texts += [text for f in got.faults for text in (f.reason, f.where, f.row, f.instrument)]
    error: BaseException | None = got.unanswered
    while error is not None:
        texts += [str(error), repr(error)]
        error = error.__cause__
    for name, value in recorded.secrets.items():
        if value and any(value in text for text in texts):
            return f"the secret {name} shows"
    return ""
