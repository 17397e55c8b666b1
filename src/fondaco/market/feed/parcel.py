"""A held entry as bytes for a shared cache: a line of JSON, then the rows as Arrow IPC."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import polars as pl
from polars.exceptions import PolarsError

from fondaco.market.feed.values import Choice, Held, Reading
from fondaco.market.sheets import Market

FORMAT = 1
PARCEL_BYTES_MAX = 16 * 1024 * 1024


def packed(held: Held) -> bytes | None:
    """Return an entry as bytes, or None when it is larger than a shared cache should hold."""
    head: dict[str, object] = {
        "format": FORMAT,
        "source": held.source,
        "ingest_id": held.ingest_id,
        "asked_at": held.asked_at.isoformat(),
        "fresh_until": held.fresh_until.isoformat(),
        "why": held.why,
        "witnesses": held.witnesses,
        "choice": None if held.choice is None else choice_json(held.choice),
    }
    stream = BytesIO()
    held.rows.write_ipc(stream)
    rows = stream.getvalue()
    head["digest"] = sha256(rows).hexdigest()
    body = json.dumps(head).encode() + b"\n" + rows
    return body if len(body) <= PARCEL_BYTES_MAX else None


def unpacked(body: bytes) -> Held | None:
    """Return the entry, or None when these bytes are not one of this format, whole and unchanged.

    The rows are checked before they are read: a reader of Arrow may fall over broken bytes.
    """
    head, _, rows = body.partition(b"\n")
    try:
        said = json.loads(head)
        if said["format"] != FORMAT or said["digest"] != sha256(rows).hexdigest():
            return None
        choice = said["choice"]
        return Held(
            rows=pl.read_ipc(BytesIO(rows)),
            source=said["source"],
            ingest_id=said["ingest_id"],
            asked_at=_moment(said["asked_at"]),
            fresh_until=_moment(said["fresh_until"]),
            why=said["why"],
            witnesses=said["witnesses"],
            choice=None if choice is None else choice_of(choice),
        )
    except (ValueError, KeyError, TypeError, PolarsError):
        return None


def choice_json(choice: Choice) -> dict[str, object]:
    """Return a choice as plain JSON."""
    return {
        "kind": choice.kind,
        "market": choice.market.value,
        "symbol": choice.symbol,
        "at": choice.at.isoformat(),
        "source": choice.source,
        "value": choice.value,
        "flagged": choice.flagged,
        "spread": choice.spread,
        "reason": choice.reason,
        "readings": [[one.source, one.value] for one in choice.readings],
    }


def choice_of(said: dict[str, object]) -> Choice:
    """Return a choice from its JSON; raises KeyError, TypeError or ValueError when it is none."""
    readings = said["readings"]
    if not isinstance(readings, list):
        raise TypeError("readings must be a list")
    return Choice(
        kind=str(said["kind"]),
        market=Market(str(said["market"])),
        symbol=str(said["symbol"]),
        at=_moment(str(said["at"])),
        source=str(said["source"]),
        value=float(str(said["value"])),
        flagged=bool(said["flagged"]),
        spread=float(str(said["spread"])),
        reason=str(said["reason"]),
        readings=tuple(Reading(source, value) for source, value in readings),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
