"""What the kernel's numbers stand for: columns, codes and units. Light: nothing is compiled here.

Every number is an int64: prices and money in millionths (micros), quantities in shares, shares of
something in parts (PART is the whole), rates of exchange in FX_UNIT, times in microseconds since
1970 (UTC).
"""

from enum import IntEnum
from typing import Final

PART: Final = 1_000_000_000
FX_UNIT: Final = 100_000_000
COUNT_MAX: Final = 4 * 10**18
NEVER: Final = 2**62
"""Above every price, time and quantity that the venue works with."""
OWN: Final = 2**40
"""The ids of orders that the venue itself makes start here."""
ALL: Final = 2**50
"""The quantity of an exit: whatever is held when it acts."""

# --- an order: one row of the order table ---------------------------------------------------------
(
    ID,
    COLUMN,
    SIDE,  # 1 buys, -1 sells
    QUANTITY,
    DONE,
    KIND,
    LIMIT,
    STOP,
    TRAIL,  # distance of a trailing stop in micros
    TRAIL_PARTS,  # or in parts of the best price
    AT,
    TIF,
    EXPIRES,
    GROUP,  # one cancels the other: the orders of a group share what they may trade; 0 is none
    PARENT,  # sleeps until the order with this id trades; 0 is none
    REDUCE,  # 1: never opens or turns a position
    LIMIT_PARTS,  # an exit's limit and stop as parts of its parent's mean price, 0: as given
    STOP_PARTS,
    DECIDED,
    STATE,
    NOTIONAL,
    PAID,
    EXTREME,  # the best price that a trailing stop has seen
    QUEUE,  # shares that stand before a limit in the book (quotes); a trail: the row that moved it
    SINCE,  # the first row in which a limit may fill and a trail may move
    LOW_ACT,  # the order does nothing while a bar stays above LOW_ACT and below HIGH_ACT
    HIGH_ACT,
    WHY,
    PLANS,  # 1: margin is asked as if it had traded
) = range(29)
ORDER_WIDTH: Final = 29


class Kind(IntEnum):
    """How an order asks to be filled."""

    MARKET = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4
    TRAILING_STOP = 5


class At(IntEnum):
    """When in a session an order trades."""

    ANY = 0
    OPEN = 1
    CLOSE = 2


class Tif(IntEnum):
    """How long an order works."""

    DAY = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTD = 4


class State(IntEnum):
    """What became of an order."""

    ASLEEP = 1
    WORKING = 2
    TRIGGERED = 3
    OVER = 4


# --- the account: one vector, and one matrix with a number per instrument -------------------------
(
    CASH,
    LIVE,  # rows of the order table in use
    NEXT_ID,
    MADE,  # orders that the venue itself made so far
    LOGGED,  # events so far, also those that found no room in the log
    ACTION,  # the next corporate action
    ACCRUED,  # the time up to which interest was paid
    TRADED,
    FEES,
    CARRY,  # interest and borrow cost, what was received less what was paid
    DIVIDENDS,
    TIMED,  # live orders that end with time
    REQUIRED,  # initial margin of what is held and ordered, and the row it was worked out in
    REQUIRED_ROW,
    EQUITY_THEN,  # equity in REQUIRED_ROW
    CALLED,  # 1 while the account is in a margin call
    CHILDREN,  # live orders that have a parent
    OVERDRAWN,  # 1 once a count grew too large: the run is worth nothing
) = range(18)
ACCOUNT_WIDTH: Final = 18
POSITION, WORKING, TARGET, DUE, QUOTED, USED, GONE, PLANNED = range(8)
"""POSITION held; WORKING live orders; TARGET parts; DUE 1 while a target waits; QUOTED the time of
the last quote; USED volume taken from this bar or quote; GONE 1 after a delisting; PLANNED what
orders would add, as margin counts them."""
HOLDING_WIDTH: Final = 8

# --- the daily record -----------------------------------------------------------------------------
EQUITY, R_CASH, EXPOSURE = range(3)
RECORD_WIDTH: Final = 3

# --- an event: one row of the log -----------------------------------------------------------------
E_KIND, E_ROW, E_ORDER, E_COLUMN, E_QUANTITY, E_PRICE, E_FEE, E_CASH, E_FX, E_DECIDED, E_WHY = (
    range(11)
)
EVENT_WIDTH: Final = 11


class Event(IntEnum):
    """What the venue did."""

    ACCEPTED = 1
    REJECTED = 2
    FILLED = 3
    TRIGGERED = 4
    CANCELLED = 5
    EXPIRED = 6
    SPLIT = 7
    DIVIDEND = 8
    DELISTED = 9
    INTEREST = 10
    BORROW = 11
    MARGIN_CALL = 12


class Why(IntEnum):
    """Why an order ended or was made."""

    NONE = 0
    OTHER_FILLED = 1
    PARENT_ENDED = 2
    NOTHING_TO_REDUCE = 3
    NOT_AT_ONCE = 4
    NO_LOCATE = 5
    MARGIN = 6
    DELISTED = 7
    LIQUIDATION = 8
    NEW_TARGET = 9
    SESSION_ENDED = 10
    TIME_PASSED = 11
    ASKED = 12
    EXIT_FILLED = 13
    NO_PRICE = 14
    SPLIT = 15


# --- quotes and trades --------------------------------------------------------------------------
Q_KIND, Q_COLUMN, Q_PRICE, Q_SIZE = range(4)
QUOTE, TRADE = 1, 2
"""A row of events: a quote of one instrument (its prices stand in the planes), or a trade."""
UNTRIED, BEHIND = -1, -2
"""What QUEUE says of an order that has met no quote yet, and of a limit behind the best price."""
BID, ASK, BID_SIZE, ASK_SIZE = range(4)
"""The planes of a market of quotes; MARK is the fifth."""

# --- corporate actions ----------------------------------------------------------------------------
A_ROW, A_COLUMN, A_KIND, A_FIRST, A_SECOND = range(5)
ACTION_WIDTH: Final = 5


class Action(IntEnum):
    """What happens to an instrument before a row's open."""

    SPLIT = 1
    """A_FIRST new shares for A_SECOND old ones."""
    DIVIDEND = 2
    """A_FIRST micros a share, in the instrument's currency."""
    DELISTING = 3
    """A_FIRST micros a share are paid for what is held; nothing trades after it."""


# --- the terms of a run ---------------------------------------------------------------------------
(
    CAPITAL,
    FIRST,
    BUFFER,
    TRADE_MIN,
    PARTICIPATION,  # parts of a bar's volume that all orders may take; 0: no limit
    TOUCH_FILLS,  # 1: a limit fills when the price touches it
    CREDIT,  # interest a year on cash and on debt, parts
    DEBIT,
    YEAR_DAYS,
    MARGIN_ON,
    MAINTENANCE_ON,
    FOREIGN,  # 1: some instrument is not in the account's currency
    FX_COST,  # parts of an exchanged amount
    CONCEDES,  # 1: spread or impact move prices
    IMPACT,  # coefficient, power and linear coefficient of impact, parts
    IMPACT_POWER,
    IMPACT_LINEAR,
    EXIT_STOP,  # parts of the entry's price, 0: none
    EXIT_TARGET,
    EXIT_TRAIL,
    TARGETS_AT,  # when orders made from targets trade: an At
    STALE_AFTER,  # microseconds after which a quote is too old to trade on
    QUEUE_AHEAD,  # parts of the displayed size that stand before a new limit
    BORROWS,  # 1: some instrument costs a fee to borrow
    OPEN,  # which plane of the bars holds the opens; several fields may share one
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    MARK,
    HALF_SPREAD,
    SIGMA,
    ADV,
) = range(33)
TERMS_WIDTH: Final = 33

# --- what is said of each instrument, and of each row ---------------------------------------------
CURRENCY, LOT, TICK, LOCATE, BORROW, MARGIN = range(6)
NAMES_WIDTH: Final = 9
MOMENT, ENDS, SCHEDULE, FX = range(4)

OK, OVERFLOW, NO_ROOM = range(3)
"""What the kernel gives back: done; a count grew past COUNT_MAX; the order table is full."""
