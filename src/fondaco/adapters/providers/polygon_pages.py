"""Pages of Massive: the address of the next one is checked before the key goes with it."""

from collections.abc import Mapping
from typing import Any

import httpx2

from fondaco.adapters.providers.polygon_shares import unpacked
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.adapters.providers.wire import Wire
from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Raw

BASE = "https://api.massive.com"
HOSTS = frozenset(("api.massive.com", "api.polygon.io"))
"""The service under its new and its old name; it may write either into a next address."""

PAGES_MAX = 60
NAME = "polygon"


def pages(
    wire: Wire, key: str, path: str, params: Mapping[str, str], name: str, *, follow: bool = True
) -> list[Raw]:
    """Return all pages of an answer, named `name/1`, `name/2`, ...

    A page that cannot be read is the last: what is wrong with it is said when it is parsed.
    Raises Unanswered for an address that leads elsewhere, InvalidInput for too many pages.
    """
    found: list[Raw] = []
    url: str | None = BASE + path
    more: Mapping[str, str] | None = params or None
    while url is not None:
        if len(found) == PAGES_MAX:
            raise InvalidInput(
                "the answer has too many pages",
                value=f"more than {PAGES_MAX}",
                bound=f"{PAGES_MAX} pages",
                remedy="Ask for less time.",
            )
        headers = {"Authorization": f"Bearer {key}"}
        found.append(wire.get(url, name=f"{name}/{len(found) + 1}", params=more, headers=headers))
        url, more = (_next(found[-1], path) if follow else None), None
    return found


def unpacked_good(raw: Raw) -> dict[str, list[Any]]:
    """Return the JSON of each page of a packed answer, by what it is of; raises Useless."""
    return {role: [answered(page) for page in found] for role, found in unpacked(raw).items()}


def answered(data: Any) -> Any:
    """Return an answer whose status is good; raises Useless saying what it tells instead."""
    status = part(data, "status", str)
    if status not in {"OK", "DELAYED"}:
        told = data.get("error") or data.get("message") or ""
        raise Useless(f"Massive says: {status} {told}"[:200])
    return data


def _next(raw: Raw, path: str) -> str | None:
    """Return the address of the next page, rewritten to our own host and without any key."""
    try:
        data = read_json(raw.body)
    except Useless:
        return None
    text = data.get("next_url") if isinstance(data, dict) else None
    if text is None or text == "":
        return None
    url = _url(text)
    if url is None or url.scheme != "https" or url.host not in HOSTS or url.port is not None:
        raise _elsewhere(raw)
    # The path of bars names the moment from which they go on, so only its beginning is the same.
    if url.userinfo or url.path.split("/")[1:4] != path.split("/")[1:4]:
        raise _elsewhere(raw)
    return f"{BASE}{url.path}?{url.copy_remove_param('apiKey').params}"


def _url(text: Any) -> httpx2.URL | None:
    try:
        return httpx2.URL(text) if isinstance(text, str) and text.isascii() else None
    except httpx2.InvalidURL:
        return None


def _elsewhere(raw: Raw) -> Unanswered:
    return Unanswered(
        "Massive names a next page that is not its own",
        provider=NAME,
        cause=Cause.BAD,
        value=raw.name,
        bound=f"https, one of {', '.join(sorted(HOSTS))}, the same path",
        remedy="The key was not sent there. Ask again later.",
    )
