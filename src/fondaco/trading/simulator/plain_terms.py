"""The terms of an account as plain data, safe as JSON, and back."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.cost_model.plain import number_text, text_or_none
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Carry, Exits, Margin, Terms

_MARGIN = tuple(field.name for field in fields(Margin))
_EXITS = tuple(field.name for field in fields(Exits))
_RATES = ("credit", "debit", "borrow")


def plain_terms(terms: Terms) -> dict[str, Any]:
    """Return terms as plain data; `terms_of_plain` gives the same ones again."""
    return {
        "capital": terms.capital,
        "costs": terms.costs.plain(),
        "trade_min": terms.trade_min,
        "buffer": number_text(terms.buffer),
        "participation": text_or_none(terms.participation),
        "touch_fills": terms.touch_fills,
        "margin": {name: number_text(getattr(terms.margin, name)) for name in _MARGIN},
        "carry": {
            **{name: number_text(getattr(terms.carry, name)) for name in _RATES},
            "days": terms.carry.days,
        },
        "exits": {name: text_or_none(getattr(terms.exits, name)) for name in _EXITS},
        "at": terms.at.name,
        "fx_cost": number_text(terms.fx_cost),
        "queue_ahead": number_text(terms.queue_ahead),
        "stale_after_us": terms.stale_after // timedelta(microseconds=1),
    }


def terms_of_plain(data: Mapping[str, Any]) -> Terms:
    """Return the terms of plain data; raises InvalidInput for numbers out of range."""
    carry, exits = data["carry"], data["exits"]
    return Terms(
        data["capital"],
        CostModel.of_plain(data["costs"]),
        data["trade_min"],
        Decimal(data["buffer"]),
        _number(data["participation"]),
        data["touch_fills"],
        Margin(**{name: Decimal(data["margin"][name]) for name in _MARGIN}),
        Carry(**{name: Decimal(carry[name]) for name in _RATES}, days=carry["days"]),
        Exits(**{name: _number(exits[name]) for name in _EXITS}),
        x.At[data["at"]],
        Decimal(data["fx_cost"]),
        Decimal(data["queue_ahead"]),
        timedelta(microseconds=data["stale_after_us"]),
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
