"""The one door: journal, validate, authorise, run, dump."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from fondaco.core.capability import Caller, Capability, Catalogue, Effect
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, FondacoError, InvalidInput, Refused
from fondaco.core.ids import content_hash
from fondaco.core.journal import Journal, Note, redact
from fondaco.core.limits import INPUT_CHARS_MAX, REASON_CHARS_MAX, REQUEST_ID_CHARS_MAX
from fondaco.core.view import Block


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
    if not 0 < len(request_id) <= REQUEST_ID_CHARS_MAX:
        raise InvalidInput(
            "a request id must be a short text",
            value=f"{len(request_id)} characters",
            bound=f"1 to {REQUEST_ID_CHARS_MAX} characters",
        )
    key = f"{caller.actor}/{cap.name}/{request_id}"
    body = content_hash(_plain(raw))
    settled = house.requests.claim(key, body)
    if settled is None:
        answer = _run(house, cap, raw, caller)
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
    if cap.effect is Effect.MONEY and not caller.person:
        raise Refused(
            f"{cap.name} can move money: only a person may ask for it",
            value=f"{caller.actor} on {caller.surface}",
            remedy="Ask the person at the desk to do it in the terminal or on the CLI.",
        )
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    needs = [caller if need == "caller" else getattr(house, need) for need in cap.needs]
    result = cap.function(*needs, **given)
    return Answer(cap, cap.output.dump_python(result, mode="json"))


def validate(cap: Capability, raw: Mapping[str, Any]) -> Any:
    """Return the checked inputs; raises InvalidInput naming each field, value and bound."""
    if len(str(raw)) > INPUT_CHARS_MAX:
        raise InvalidInput(
            "the inputs are too long",
            value=f"{len(str(raw))} characters",
            bound=f"{INPUT_CHARS_MAX} characters",
        )
    try:
        return cap.inputs.model_validate(dict(raw))
    except ValidationError as error:
        faults = [_fault(fault) for fault in error.errors()[:10]]
        known = ", ".join(cap.public_fields()) or "none"
        raise InvalidInput("; ".join(faults), remedy=f"Inputs of {cap.name}: {known}.") from None


def _fault(fault: Any) -> str:
    name = ".".join(str(part) for part in fault["loc"]) or "input"
    given = "" if fault["type"] == "missing" else f" (value: {str(fault['input'])[:80]!r})"
    return f"{name}: {fault['msg']}{given}"


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(k): v if v is None or isinstance(v, bool | int | str) else str(v)
        for k, v in raw.items()
    }


def _note(
    house: House,
    cap: Capability,
    raw: Mapping[str, Any],
    caller: Caller,
    outcome: str,
    detail: str = "",
) -> Note:
    inputs = redact(dict(raw))
    return Note(
        at=house.clock.now(),
        actor=caller.actor,
        surface=caller.surface,
        capability=cap.name,
        effect=cap.effect.value,
        inputs=inputs,
        outcome=outcome,
        detail=detail[:REASON_CHARS_MAX],
        request_id=caller.request_id,
    )
