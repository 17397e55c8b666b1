"""What goes through the pipe: a JSON header and raw bytes, never a pickle.

A frame is two big-endian 32-bit lengths, the header and the body. The body of a panel is its
sessions and closes (int64) and then each field (float64, row by row); that of an answer is the
weights (float64, row by row).
"""

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.panel import Panel

LENGTHS = struct.Struct(">II")
HEADER_MAX = 1 << 20
BODY_MAX = 1 << 30
_DAY, _MICROSECOND = "datetime64[D]", "datetime64[us]"

Header = dict[str, Any]


class BrokenFrame(Exception):
    """What came through the pipe is no frame: its other end died, or plays a trick."""


def pack(header: Header, body: bytes = b"") -> bytes:
    """Return a frame."""
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), len(body)) + text + body


def unpack(read: Callable[[int], bytes]) -> tuple[Header, bytes]:
    """Return the next frame; `read(n)` gives n bytes or fewer at the end. Raises BrokenFrame."""
    lengths = read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        raise BrokenFrame("the pipe ended")
    header_size, body_size = LENGTHS.unpack(lengths)
    if header_size > HEADER_MAX or body_size > BODY_MAX:
        raise BrokenFrame("a frame is too long")
    text, body = read(header_size), read(body_size)
    if len(text) < header_size or len(body) < body_size:
        raise BrokenFrame("a frame was cut off")
    try:
        header = json.loads(text)
    except ValueError as error:
        raise BrokenFrame("a header is no JSON") from error
    if not isinstance(header, dict):
        raise BrokenFrame("a header is no object")
    return header, body


def pack_panels(panels: Sequence[Panel]) -> bytes:
    """Return panels as a frame, one behind the other."""
    bodies = [_body(panel) for panel in panels]
    heads = [_head(panel, len(body)) for panel, body in zip(panels, bodies, strict=True)]
    return pack({"panels": heads}, b"".join(bodies))


def panels_from(header: Header, body: bytes) -> Iterator[Panel]:
    """Yield the panels in a frame, their arrays read-only."""
    start = 0
    for head in header["panels"]:
        yield _panel(head, body[start : start + head["bytes"]])
        start += head["bytes"]


def _head(panel: Panel, size: int) -> Header:
    return {
        "bytes": size,
        "instruments": list(panel.instruments),
        "sessions": len(panel.sessions),
        "fields": list(panel.fields),
        "origin": panel.origin.value,
        "as_of": panel.as_of.isoformat(),
        "version": panel.version,
    }


def _body(panel: Panel) -> bytes:
    parts: list[NDArray[Any]] = [
        panel.sessions.astype(_DAY).astype(np.int64),
        panel.closes_at.astype(_MICROSECOND).astype(np.int64),
        *(np.ascontiguousarray(values, dtype=np.float64) for values in panel.fields.values()),
    ]
    return b"".join(part.tobytes() for part in parts)


def _panel(header: Header, body: bytes) -> Panel:
    rows, width = int(header["sessions"]), len(header["instruments"])
    days = np.frombuffer(body, np.int64, rows)
    closes = np.frombuffer(body, np.int64, rows, offset=8 * rows)
    values = np.frombuffer(body, np.float64, offset=16 * rows)
    fields = values.reshape(len(header["fields"]), rows, width)
    return Panel(
        days.astype(_DAY),
        closes.astype(_MICROSECOND),
        tuple(InstrumentId(name) for name in header["instruments"]),
        dict(zip(header["fields"], fields, strict=True)),
        Origin(header["origin"]),
        datetime.fromisoformat(header["as_of"]),
        int(header["version"]),
    )
