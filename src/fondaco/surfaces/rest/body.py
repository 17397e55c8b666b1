"""Reading a request: strict JSON and query parameters, each within its limit."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn

from starlette.requests import Request

from fondaco.core.errors import InvalidInput
from fondaco.core.limits import BODY_BYTES_MAX


class TooLarge(InvalidInput):
    """The body is longer than any request needs."""

    code = "too_large"
    http_status = 413


class NotJson(InvalidInput):
    """The body is of another kind."""

    code = "unsupported_media_type"
    http_status = 415


async def read_json(request: Request) -> dict[str, Any]:
    """Return the inputs in a request's body; raises InvalidInput saying what is wrong where."""
    body = await _bounded(request)
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson(
            "the body must be JSON",
            value=kind or "no content type",
            bound="application/json",
            remedy="Send `Content-Type: application/json`.",
        )
    return strict_json(body)


async def _bounded(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise TooLarge(
                "the body is too long", value="more than that", bound=f"{BODY_BYTES_MAX} bytes"
            )
    return bytes(body)


def strict_json(body: bytes) -> dict[str, Any]:
    """Return a JSON object exactly as written; raises InvalidInput.

    Numbers with a point keep every digit; NaN, infinity and a name given twice are refused.

    >>> strict_json(b'{"amount": 0.10}')
    {'amount': Decimal('0.10')}
    """
    try:
        data = json.loads(
            body.decode(), object_pairs_hook=_once, parse_constant=_no_nan, parse_float=Decimal
        )
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8", value=f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"the body is not JSON: {error.msg}",
            value=f"line {error.lineno}, column {error.colno}",
        ) from None
    except RecursionError:
        raise InvalidInput("the body is nested too deeply") from None
    except ValueError:  # Python's own limit on the digits of an integer
        raise InvalidInput("a number in the body has too many digits") from None
    if not isinstance(data, dict):
        raise InvalidInput("the body must be a JSON object of inputs", value=type(data).__name__)
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInput("a name is given twice in the body", value=name[:100])
        found[name] = value
    return found


def _no_nan(word: str) -> NoReturn:
    raise InvalidInput("numbers must be finite", value=word, remedy="Leave the input out instead.")


def read_query(pairs: Iterable[tuple[str, str]], many: frozenset[str]) -> dict[str, Any]:
    """Return the inputs in query parameters; those in `many` may be given more than once."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in many:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise InvalidInput("an input is given twice", value=name[:100], bound="once")
        else:
            found[name] = value
    return found
