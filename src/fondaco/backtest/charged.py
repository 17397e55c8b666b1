"""What a run paid and was paid beside its prices, and what its prices gave up."""

from decimal import Decimal

from fondaco.backtest.detail import Charges
from fondaco.backtest.movements import Movements
from fondaco.core.orders import ALL_HELD, Order, OrderKind
from fondaco.trading.cost_model.impact import concession_ppb
from fondaco.trading.cost_model.units import PPB
from fondaco.trading.costs import MICRO, from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.concession import concession_planes

_LIMITS = (OrderKind.LIMIT, OrderKind.STOP_LIMIT)


def charges_of(moves: Movements, orders: dict[int, Order]) -> Charges:
    """Return the charges of a run; `orders` are its orders by the kernel's ids."""
    fees = float(moves.played.series.fees.sum())
    paid = float(moves.fill_costs.sum())
    conceded = conceded_of(moves, orders)
    return Charges(
        fees=_money(fees),
        exchange=_money(max(paid - fees, 0.0)),
        spread=None if conceded is None else _money(conceded[0]),
        impact=None if conceded is None else _money(conceded[1]),
        interest_paid=_paid(moves, x.Event.INTEREST),
        interest_received=_received(moves, x.Event.INTEREST),
        borrow=_paid(moves, x.Event.BORROW),
        dividends_paid=_paid(moves, x.Event.DIVIDEND),
        dividends_received=_received(moves, x.Event.DIVIDEND),
        fractions=_received(moves, x.Event.SPLIT),
    )


def conceded_of(moves: Movements, orders: dict[int, Order]) -> tuple[float, float] | None:
    """Return what those fills gave up that took what was there, to half the spread and to impact.

    None where the costs concede nothing. The price before it is worked back from the fill by the
    venue's own formula, so what rounding to a tick took is in neither; limits give nothing up.
    """
    model = moves.played.request.costs
    if not (model.half_spread_bps or model.impact_sqrt or model.impact_linear):
        return None
    tape = moves.played.tape
    volume = tape.plane("volume") if tape.has_volume else None
    planes = concession_planes(model, tape.plane("mark"), volume)
    coefficient, power, linear, _, _ = model.terms
    spread, impact = 0.0, 0.0
    for event, value in zip(moves.played.swept.fills.tolist(), moves.fill_values, strict=True):
        order = orders.get(event[x.E_ORDER])
        if order is not None and order.kind in _LIMITS:
            continue
        half, sigma, adv = planes[:, event[x.E_ROW], event[x.E_COLUMN]].tolist()
        size = abs(event[x.E_QUANTITY])
        if order is not None and order.quantity != ALL_HELD:
            size = int(order.quantity)
        ppb = concession_ppb(half, coefficient, power, linear, sigma, size, adv)
        side = 1 if event[x.E_QUANTITY] > 0 else -1
        before = abs(float(value)) / (1 + side * ppb / PPB)
        given = min(half, ppb)
        spread += before * given / PPB
        impact += before * (ppb - given) / PPB
    return spread, impact


def _received(moves: Movements, kind: x.Event) -> Decimal:
    flows = moves.of(kind)[:, x.E_CASH]
    return from_micros(int(flows[flows > 0].sum()))


def _paid(moves: Movements, kind: x.Event) -> Decimal:
    flows = moves.of(kind)[:, x.E_CASH]
    return from_micros(-int(flows[flows < 0].sum()))


def _money(amount: float) -> Decimal:
    return from_micros(round(amount * MICRO))
