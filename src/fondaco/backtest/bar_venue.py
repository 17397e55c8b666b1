"""The simulated venue as a broker: it takes the bars of a tape as a clock reaches them."""

from bisect import bisect_right
from datetime import datetime
from decimal import Decimal

import numpy as np

from fondaco.backtest.sweep import SweepRun, check_status
from fondaco.backtest.tape import Tape
from fondaco.core.activity import Activity
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.trading.ports import Placed
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.account import Columns, SimulatedAccount
from fondaco.trading.simulator.terms import Terms


class BarVenue:
    """A broker over a tape: the kernel plays each bar when the clock reaches its close.

    Orders are taken at the close that decides them and can trade from the next bar on.
    """

    def __init__(self, tape: Tape, terms: Terms, clock: Clock, account: str = "backtest") -> None:
        self._tape, self._clock, self._name = tape, clock, account
        self._market, self._terms, self._rules = tape.market(terms), tape.vector(terms), terms
        self._moments = [tape.moment(row) for row in range(tape.shape[0])]
        self._next = tape.first
        currencies = tuple(tape.currencies[place] for place in tape.names[x.CURRENCY].tolist())
        columns = Columns(tape.instruments, currencies, tape.currency)
        self._account = SimulatedAccount(account, columns, terms.capital, self._times)
        self._record = np.zeros((x.RECORD_WIDTH, tape.shape[0]), dtype=np.int64)

    @property
    def name(self) -> str:
        """The venue's name."""
        return "simulated"

    @property
    def cash(self) -> int:
        """The kernel's own count of the account's cash, in micros."""
        return int(self._account.arrays.vector[x.CASH])

    def recorded(self) -> SweepRun:
        """Return the kernel's own record and events, in the form of a sweep's."""
        log = np.array(self._account.log, dtype=np.int64).reshape(-1, x.EVENT_WIDTH)
        return SweepRun(self._record, log)

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order at the close that decided it; the same client_id changes nothing."""
        self._advance()
        if order.client_id in self._account.known:
            return self._account.placed(order.client_id)
        if decided_at != self._clock.now():
            raise InvalidInput(
                "the simulated venue takes orders as they are decided",
                value=decided_at.isoformat(),
                bound=self._clock.now().isoformat(),
            )
        return self._account.send(self._market, self._terms, self._next - 1, order)

    def cancel(self, client_id: str) -> Placed | None:
        """Cancel an order that still works; None when it never arrived."""
        self._advance()
        self._account.cancel(self._next - 1, client_id)
        return self._tell(client_id)

    def query(self, client_id: str) -> Placed | None:
        """Return what is known of an order; None when it never arrived."""
        self._advance()
        return self._tell(client_id)

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the account holds at the clock's time, zeros left out."""
        self._advance()
        if account != self._name or as_of < self._clock.now():
            raise InvalidInput(
                "the simulated venue knows its account as it stands now",
                value=f"{account} as of {as_of.isoformat()}",
                bound=f"{self._name} as of {self._clock.now().isoformat()}",
            )
        held = self._account.arrays.holding[x.POSITION]
        return {self._tape.instruments[i]: Decimal(int(held[i])) for i in np.flatnonzero(held)}

    def fills(self, account: str, *, after: int) -> tuple[Fill, ...]:
        """Return every fill of the account, in order, from the nth on."""
        self._advance()
        return tuple(self._account.fills[after:]) if account == self._name else ()

    def activities(self, account: str, *, after: int) -> tuple[Activity, ...]:
        """Return what happened to the account apart from fills, from the nth thing on."""
        self._advance()
        found = self._account.activities[after:]
        return tuple(one for _, one in found if one.account == account)

    def _tell(self, client_id: str) -> Placed | None:
        return self._account.placed(client_id) if client_id in self._account.known else None

    def _times(self, row: int) -> tuple[datetime, datetime]:
        return self._moments[row], self._moments[row]

    def _advance(self) -> None:
        reached = bisect_right(self._moments, self._clock.now())
        for row in range(self._next, reached):
            status = self._account.step(self._market, self._terms, row, self._record)
            check_status(status, self._rules)
            self._next = row + 1
