"""Errors that a person can act on: each gives the value, the bound, the reason and the remedy.

FondacoError
├── InvalidInput   the request itself is wrong          exit 2, HTTP 422
├── NotFound       what was named does not exist        exit 1, HTTP 404
├── Refused        a rule forbids it                    exit 1, HTTP 403
│   └── Conflict   it was already done, or has changed  exit 1, HTTP 409
└── Unavailable    something needed is down or full     exit 3, HTTP 503

Anything else that is raised is a programmer's error and is never dressed up as one of these.
"""

from dataclasses import dataclass
from typing import ClassVar


class FondacoError(Exception):
    """A fault that the caller can understand and mend."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        reason: str,
        *,
        value: object = None,
        bound: object = None,
        remedy: str | None = None,
    ) -> None:
        self.reason = reason
        self.value = None if value is None else str(value)
        self.bound = None if bound is None else str(bound)
        self.remedy = remedy
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """One sentence for people: reason, value, bound, remedy."""
        parts = [self.reason.rstrip(".")]
        if self.value is not None:
            parts.append(f"value: {self.value}")
        if self.bound is not None:
            parts.append(f"allowed: {self.bound}")
        text = "; ".join(parts)
        text += "" if text.endswith(("?", "!")) else "."
        return text if self.remedy is None else f"{text} {self.remedy}"

    def body(self) -> "ErrorBody":
        """The one shape in which every surface reports an error."""
        return ErrorBody(self.code, self.message, self.reason, self.value, self.bound, self.remedy)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error as data: the same fields on CLI (`--json`), REST and MCP."""

    code: str
    message: str
    reason: str
    value: str | None = None
    bound: str | None = None
    remedy: str | None = None


class InvalidInput(FondacoError):
    """The request itself is wrong: a missing, unknown or out-of-range input."""

    code = "invalid_input"
    exit_code = 2
    http_status = 422


class NotFound(FondacoError):
    """What was named does not exist."""

    code = "not_found"
    http_status = 404


class Refused(FondacoError):
    """A rule forbids it, whoever asks in this way."""

    code = "refused"
    http_status = 403


class Conflict(Refused):
    """It was already done, or what it rests on has changed."""

    code = "conflict"
    http_status = 409


class Unavailable(FondacoError):
    """Something that is needed is down, full or out of reach now."""

    code = "unavailable"
    exit_code = 3
    http_status = 503


def told(error: Exception) -> ErrorBody:
    """Return any error as what the caller is told: of an unforeseen one its kind and no more."""
    if isinstance(error, FondacoError):
        return error.body()
    reason = f"the desk met a fault of its own: {type(error).__name__}"
    remedy = "`fondaco journal list` holds the call; `fondaco doctor` checks the desk."
    return ErrorBody("failed", f"{reason}. {remedy}", reason, remedy=remedy)
