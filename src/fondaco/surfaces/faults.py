"""Errors over HTTP: one body, whatever went wrong."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from starlette.responses import Response

from fondaco.core.errors import ErrorBody, FondacoError, told

SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_CODES = {401: "unauthenticated", 404: "not_found", 405: "method_not_allowed"}


def json_response(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return plain data as a response; NaN and infinity are never written."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return Response(text, status, {**SAFE, **(headers or {})}, "application/json")


def fault(
    status: int, reason: str, remedy: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a fault of the request itself as the one error body."""
    body = ErrorBody(_CODES.get(status, "refused"), f"{reason}. {remedy}", reason, remedy=remedy)
    return json_response(asdict(body), status, headers)


def fault_of(error: Exception) -> Response:
    """Return an error as its status and the one error body."""
    status = error.http_status if isinstance(error, FondacoError) else 500
    headers = {"Retry-After": "5"} if status == 503 else None
    return json_response(asdict(told(error)), status, headers)
