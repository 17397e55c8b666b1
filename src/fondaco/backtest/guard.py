"""The desk's guardrails in a backtest: the same rules, with what a run knows at each close."""

from collections import Counter
from decimal import Decimal

import numpy as np

from fondaco.backtest.route import AccountView
from fondaco.backtest.tape import Tape
from fondaco.core.instrument import Instrument
from fondaco.core.orders import Order
from fondaco.market.panel import Matrix
from fondaco.risk.check import Limits, OrderCheck
from fondaco.risk.guardrails import VOLUME_SESSIONS, findings
from fondaco.risk.verdict import Judgement
from fondaco.trading.costs import from_micros

VOLATILITY_SESSIONS = 20
YEAR = 252


class Guard:
    """Judges each order of a run before it is sent; what a rule fails is left out and counted.

    A rule whose input the run does not have (events, catalysts, volume) is not judged and does not
    hold an order back; `not_judged` counts how often. `index` are an index's closes over the
    tape's rows, None where the desk knows none.
    """

    def __init__(
        self, tape: Tape, book: tuple[Instrument, ...], limits: Limits, index: Matrix | None
    ) -> None:
        self._tape, self._book, self._limits = tape, book, limits
        self._column = {name: n for n, name in enumerate(tape.instruments)}
        self._mark = tape.plane("mark")
        self._volume = _averages(tape) if tape.has_volume else None
        self._index = None if index is None else _volatilities(index)
        self.blocked: Counter[str] = Counter()
        self.not_judged: Counter[str] = Counter()

    def review(self, row: int, order: Order, account: AccountView) -> str | None:
        """Return why an order may not be sent, in words, or None.

        Exits that wait for their entry pass: they only make smaller what the entry was let to do.
        """
        if order.parent is not None and order.reduce_only:
            return None
        broken = []
        for finding in findings(self._check(row, order, account), self._limits):
            if finding.judgement is Judgement.FAIL:
                self.blocked[finding.rule] += 1
                broken.append(f"{finding.rule} would pass {finding.would_pass}")
            elif finding.judgement is Judgement.NOT_JUDGED:
                self.not_judged[finding.rule] += 1
        return "; ".join(broken) or None

    def _check(self, row: int, order: Order, account: AccountView) -> OrderCheck:
        column = self._column[order.instrument]
        sector = self._book[column].sector
        volume = None if self._volume is None else float(self._volume[row, column])
        index = None if self._index is None else float(self._index[row])
        price = int(self._mark[row, column])
        return OrderCheck(
            side=order.side,
            quantity=order.quantity,
            price=from_micros(price) if price else None,
            held=Decimal(account.held.get(column, 0)),
            equity=from_micros(account.equity) if account.equity > 0 else None,
            sector=sector,
            sector_value=None if sector is None else self._sector(row, sector, account),
            volume_average=None if volume is None or np.isnan(volume) else Decimal(int(volume)),
            event_days=None,
            index_vol=None if index is None or np.isnan(index) else Decimal(repr(index)),
            catalyst_days=Decimal(0),
        )

    def _sector(self, row: int, sector: str, account: AccountView) -> Decimal:
        worth = sum(
            quantity * int(self._mark[row, column])
            for column, quantity in account.held.items()
            if self._book[column].sector == sector
        )
        return from_micros(worth)


def _averages(tape: Tape) -> Matrix:
    """Return the mean volume of the last 20 bars (T, N), NaN before there are so many."""
    volume = tape.plane("volume").astype(np.float64)
    sums = np.cumsum(volume, axis=0)
    means = np.full(volume.shape, np.nan)
    means[VOLUME_SESSIONS - 1 :] = sums[VOLUME_SESSIONS - 1 :]
    means[VOLUME_SESSIONS:] -= sums[:-VOLUME_SESSIONS]
    return means / VOLUME_SESSIONS


def _volatilities(closes: Matrix) -> Matrix:
    """Return an index's annual volatility over the last 20 moves (T,), NaN where not known."""
    moves = np.diff(np.log(closes), prepend=np.nan)
    found = np.full(len(closes), np.nan)
    if len(closes) > VOLATILITY_SESSIONS:
        windows = np.lib.stride_tricks.sliding_window_view(moves, VOLATILITY_SESSIONS)
        found[VOLATILITY_SESSIONS - 1 :] = np.std(windows, axis=1, ddof=1) * np.sqrt(YEAR)
    return found
