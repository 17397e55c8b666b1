"""The one door: journal, validate, authorise, run, dump."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from fondaco.core.capability import Caller, Capability, Catalogue, Effect
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, FondacoError, InvalidInput, Refused
from fondaco.core.ids import canonical_json, content_hash
from fondaco.core.journal import HIDDEN, Journal, Note, is_secret, redact, storable
from fondaco.core.limits import (
    FAULTS_SHOWN_MAX,
    INPUT_CHARS_MAX,
    INPUT_DEPTH_MAX,
    REASON_CHARS_MAX,
    REQUEST_ID_CHARS_MAX,
)
from fondaco.core.view import Block

_REQUEST_ID = re.compile(rf"[!-~]{{1,{REQUEST_ID_CHARS_MAX}}}")


class Requests(Protocol):
    """Remembers answered requests, inside the transaction of their effect."""

    def claim(self, key: str, body_hash: str) -> "Settled | None":
        """Take a request key for this transaction, or return how it was settled before.

        A second transaction with the same key waits for the first to end.
        """
        ...

    def settle(self, key: str, data: Any) -> None:
        """Keep the answer of the key that this transaction claimed."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """An earlier request: the hash of what was asked, and the answer it got."""

    body_hash: str
    data: Any


class House(Protocol):
    """What the door needs of the app; capability needs are further attributes of it."""

    @property
    def clock(self) -> Clock: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def catalogue(self) -> Catalogue: ...

    def transaction(self) -> AbstractContextManager[None]:
        """Open a transaction of the desk's database, or join the one that is open."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door gives back: plain JSON data, and the capability that can draw it."""

    capability: Capability
    data: Any
    repeated: bool = False

    def blocks(self) -> list[Block]:
        """Return the result as blocks to draw; of long work, the job's own blocks."""
        from fondaco.core.job_view import view_job  # jobs are drawn alike, whatever they run

        if self.capability.job is not None:
            return view_job(self.capability.output.validate_python(self.data), self.capability)
        return self.capability.view(self.capability.output.validate_python(self.data))


def invoke(house: House, cap: Capability, raw: Mapping[str, Any], caller: Caller) -> Answer:
    """Ask for a capability: the call is journalled whatever comes of it.

    A WRITE or MONEY call, its journal line and its request id are one transaction: all or nothing.
    Raises InvalidInput, Refused, Conflict or what the capability itself raises.
    """
    try:
        if cap.effect is Effect.READ:
            answer = _run(house, cap, raw, caller)
            house.journal.note_read(_note(house, cap, raw, caller, "ok"))
            return answer
        with house.transaction():
            answer = _run_once(house, cap, raw, caller)
            outcome = "repeated" if answer.repeated else "ok"
            house.journal.append(_note(house, cap, raw, caller, outcome))
            return answer
    except Exception as error:
        code = error.code if isinstance(error, FondacoError) else type(error).__name__
        house.journal.append(_note(house, cap, raw, caller, code, str(error)))
        raise


def _run_once(house: House, cap: Capability, raw: Mapping[str, Any], caller: Caller) -> Answer:
    request_id = caller.request_id
    if request_id is None:
        return _run(house, cap, raw, caller)
    inputs = _admit(cap, raw, caller)
    if not _REQUEST_ID.fullmatch(request_id):
        raise InvalidInput(
            "a request id must be a short text without spaces",
            value=f"{storable(request_id[:40])!r}, {len(request_id)} characters",
            bound=f"1 to {REQUEST_ID_CHARS_MAX} printable ASCII characters",
        )
    key = canonical_json([caller.actor, cap.name, request_id])
    body = content_hash(inputs.model_dump(mode="json"))
    settled = house.requests.claim(key, body)
    if settled is None:
        answer = _call(house, cap, inputs, caller)
        house.requests.settle(key, answer.data)
        return answer
    if settled.body_hash != body:
        raise Conflict(
            "this request id was used before with other inputs",
            value=request_id,
            remedy="Send the same inputs again, or use a new request id.",
        )
    return Answer(cap, settled.data, repeated=True)


def _run(house: House, cap: Capability, raw: Mapping[str, Any], caller: Caller) -> Answer:
    return _call(house, cap, _admit(cap, raw, caller), caller)


def _admit(cap: Capability, raw: Mapping[str, Any], caller: Caller) -> BaseModel:
    """Return the checked inputs; who may not ask is told so before anything is read."""
    if cap.effect is Effect.MONEY and not caller.person:
        raise Refused(
            f"{cap.name} can move money: only a person may ask for it",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk to do it in the terminal or on the CLI.",
        )
    return validate(cap, raw)


def _call(house: House, cap: Capability, inputs: BaseModel, caller: Caller) -> Answer:
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    needs = [caller if need == "caller" else getattr(house, need) for need in cap.needs]
    result = cap.function(*needs, **given)
    data = cap.output.dump_python(result, mode="json")
    if where := _not_finite(data):
        raise ArithmeticError(f"{cap.name} gave a number that is not finite at {where}")
    return Answer(cap, data)


def _not_finite(data: Any, where: str = "result") -> str | None:
    """Return where NaN or infinity stands in plain data: no surface may ever show one."""
    if isinstance(data, float):
        return None if isfinite(data) else where
    if isinstance(data, dict):
        parts: Iterable[tuple[Any, Any]] = data.items()
    elif isinstance(data, list):
        parts = enumerate(data)
    else:
        return None
    return next((found for k, v in parts if (found := _not_finite(v, f"{where}.{k}"))), None)


def validate(cap: Capability, raw: Mapping[str, Any]) -> BaseModel:
    """Return the checked inputs; raises InvalidInput naming each field, value and bound."""
    if (size := _characters(raw)) is None:
        raise InvalidInput("the inputs are nested too deeply", bound=f"{INPUT_DEPTH_MAX} levels")
    if size > INPUT_CHARS_MAX:
        raise InvalidInput(
            "the inputs are too long",
            value=f"{size} characters",
            bound=f"{INPUT_CHARS_MAX} characters",
        )
    try:
        return cap.inputs.model_validate(dict(raw))
    except ValidationError as error:
        found = error.errors()
        faults = [_fault(cap, fault) for fault in found[:FAULTS_SHOWN_MAX]]
        if len(found) > FAULTS_SHOWN_MAX:
            faults.append(f"and {len(found) - FAULTS_SHOWN_MAX} more faults")
        known = ", ".join(cap.public_fields()) or "none"
        raise InvalidInput("; ".join(faults), remedy=f"Inputs of {cap.name}: {known}.") from None


def _characters(raw: Mapping[str, Any]) -> int | None:
    """Return how long the inputs are, or None when they nest too deeply to be written down."""
    try:
        return len(str(raw))
    except RecursionError:
        return None


def _fault(cap: Capability, fault: Any) -> str:
    path = [str(part) for part in fault["loc"]]
    message = str(fault["msg"]).removeprefix("Value error, ")
    hidden = any(is_secret(part) for part in path) or (path[:1] and path[0] in cap.secrets)
    value = HIDDEN if hidden else repr(str(fault["input"])[:80])
    given = "" if fault["type"] == "missing" or not path else f" (value: {value})"
    return storable(f"{'.'.join(path)[:80] or 'input'}: {message}{given}")


def _kept(cap: Capability, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as the journal keeps them: without secrets, of bounded size."""
    size = _characters(raw)
    if size is None or size > INPUT_CHARS_MAX:
        return {"[not kept]": "nested too deeply" if size is None else f"{size} characters"}
    hidden = {name: HIDDEN if name in cap.secrets else value for name, value in raw.items()}
    kept: dict[str, Any] = redact(hidden)
    return kept


def _note(
    house: House,
    cap: Capability,
    raw: Mapping[str, Any],
    caller: Caller,
    outcome: str,
    detail: str = "",
) -> Note:
    request_id = caller.request_id
    return Note(
        at=house.clock.now(),
        actor=storable(caller.actor),
        surface=caller.surface,
        capability=cap.name,
        effect=cap.effect.value,
        inputs=_kept(cap, raw),
        outcome=outcome,
        detail=storable(detail)[:REASON_CHARS_MAX],
        request_id=None if request_id is None else storable(request_id)[:REQUEST_ID_CHARS_MAX],
    )
