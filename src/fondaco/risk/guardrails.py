"""The guardrails: six pure rules, numbers in, verdict out.

A rule is a function `(check, limits) -> Finding`. A seventh is one more such function and one more
line in `RULES`; if it needs a new number, that is one more field of `OrderCheck`. A rule whose
input is missing says NOT JUDGED and which input that is: it never passes by default. An order
that does nothing but reduce a position passes the rules that are there to keep exposure small.
"""

from collections.abc import Callable
from decimal import Decimal

from fondaco.risk.check import Limits, OrderCheck
from fondaco.risk.finding import DAYS, SHARE, Finding, days, percent, shares
from fondaco.risk.verdict import Judgement, Verdict

Rule = Callable[[OrderCheck, Limits], Finding]
VOLUME_SESSIONS = 20


def liquidity(check: OrderCheck, limits: Limits) -> Finding:
    """The order against the instrument's average volume over 20 sessions."""
    limit = limits.volume_share_max
    words = f"{percent(limit)} of the {VOLUME_SESSIONS}-day average volume"
    volume = check.volume_average
    if volume is None:
        return _missing(
            "liquidity",
            SHARE,
            limit,
            f"at most {words}",
            f"the {VOLUME_SESSIONS}-day average volume",
            "prices that come with volume",
        )
    would_pass = f"at most {shares(limit * volume // 1)}"
    judgement = _judge(check.quantity <= limit * volume)
    if volume == 0:
        return Finding(
            "liquidity",
            judgement,
            SHARE,
            None,
            limit,
            f"at most {words}",
            would_pass,
            said=f"no share was traded in {VOLUME_SESSIONS} sessions",
        )
    return Finding(
        "liquidity",
        judgement,
        SHARE,
        check.quantity / volume,
        limit,
        f"at most {words}",
        would_pass,
        of=f"of the {VOLUME_SESSIONS}-day average volume",
    )


def position_size(check: OrderCheck, limits: Limits) -> Finding:
    """The position after the order as a share of equity."""
    limit = limits.position_share_max
    words = f"at most {percent(limit)} of equity"
    if check.price is None or check.equity is None:
        if check.reduces:
            return _reducing("position_size", SHARE, limit, words)
        return _missing(
            "position_size",
            SHARE,
            limit,
            words,
            "the price" if check.price is None else "equity",
            "a price for everything that is held",
        )
    room = limit * check.equity
    most = (room - check.held * check.side.sign * check.price) // check.price
    value = check.held_after * check.price
    return Finding(
        "position_size",
        _judge(check.reduces or value * check.side.sign <= room),
        SHARE,
        value / check.equity,
        limit,
        words,
        _at_most(most, check),
        of="of equity after the order",
    )


def sector_exposure(check: OrderCheck, limits: Limits) -> Finding:
    """The sector's worth after the order as a share of equity."""
    limit = limits.sector_share_max
    words = f"at most {percent(limit)} of equity"
    missing = _missing_for_sector(check)
    if check.price is None or check.equity is None or check.sector_value is None or missing:
        if check.reduces:
            return _reducing("sector_exposure", SHARE, limit, words)
        return _missing(
            "sector_exposure",
            SHARE,
            limit,
            words,
            missing,
            "a sector for the instrument and prices for what is held",
        )
    room, sign = limit * check.equity, check.side.sign
    most = (room - check.sector_value * sign) // check.price
    value = check.sector_value + check.quantity * check.price * sign
    # Only exposure the way of the order counts: a buy cannot make a short sector worse.
    return Finding(
        "sector_exposure",
        _judge(check.reduces or value * sign <= room),
        SHARE,
        value / check.equity,
        limit,
        words,
        _at_most(most, check),
        of=f"of equity in {check.sector} after the order",
    )


def event_window(check: OrderCheck, limits: Limits) -> Finding:
    """Days to the next known event of the instrument."""
    limit = limits.event_days_min
    words = f"at least {days(limit)} before an event"
    if check.reduces:
        return _reducing("event_window", DAYS, limit, words)
    if check.event_days is None:
        return _missing(
            "event_window",
            DAYS,
            limit,
            words,
            "the date of the next event",
            "a calendar of the instrument's events",
        )
    return Finding(
        "event_window",
        _judge(check.event_days >= limit),
        DAYS,
        check.event_days,
        limit,
        words,
        f"an event {days(limit)} away or more",
        of="to the next event",
    )


def regime(check: OrderCheck, limits: Limits) -> Finding:
    """The index's volatility: above its limit nothing is bought, what is held may be sold."""
    limit = limits.regime_vol_max
    words = f"at most {percent(limit)} annual index volatility"
    if check.reduces:
        return _reducing("regime", SHARE, limit, words)
    if check.index_vol is None:
        return _missing(
            "regime", SHARE, limit, words, "the index's volatility", "prices of the index"
        )
    return Finding(
        "regime",
        _judge(check.index_vol <= limit),
        SHARE,
        check.index_vol,
        limit,
        words,
        f"index volatility of {percent(limit)} or less, or an order that only reduces a position",
        of="annual index volatility",
    )


def catalyst_freshness(check: OrderCheck, limits: Limits) -> Finding:
    """The age of what the idea rests on."""
    limit = limits.catalyst_days_max
    words = f"at most {days(limit)} old"
    if check.catalyst_days is None:
        return _missing(
            "catalyst_freshness",
            DAYS,
            limit,
            words,
            "the date of the catalyst",
            "an idea that dates what it rests on",
        )
    return Finding(
        "catalyst_freshness",
        _judge(check.catalyst_days <= limit),
        DAYS,
        check.catalyst_days,
        limit,
        words,
        f"a catalyst {days(limit)} old or younger",
        of="old",
    )


RULES: dict[str, Rule] = {
    "liquidity": liquidity,
    "position_size": position_size,
    "sector_exposure": sector_exposure,
    "event_window": event_window,
    "regime": regime,
    "catalyst_freshness": catalyst_freshness,
}
"""Every rule by its name, in the order in which people read them."""


def findings(check: OrderCheck, limits: Limits) -> tuple[Finding, ...]:
    """Return what each rule finds, in the order of `RULES`."""
    return tuple(rule(check, limits) for rule in RULES.values())


def verdicts(check: OrderCheck, limits: Limits) -> tuple[Verdict, ...]:
    """Return each rule's verdict in words.

    >>> from fondaco.core.orders import Side
    >>> from fondaco.risk.check import Limits, OrderCheck
    >>> limits = Limits(position_share_max=Decimal("0.1"), sector_share_max=Decimal("0.3"),
    ...     volume_share_max=Decimal("0.01"), event_days_min=Decimal(3),
    ...     regime_vol_max=Decimal("0.35"), catalyst_days_max=Decimal(5))
    >>> check = OrderCheck(side=Side.BUY, quantity=Decimal(100), price=Decimal(50),
    ...     held=Decimal(0), equity=Decimal(40_000), sector=None, sector_value=None,
    ...     volume_average=Decimal(5_000), event_days=None, index_vol=None, catalyst_days=None)
    >>> [(v.rule, v.judgement.value, v.would_pass) for v in verdicts(check, limits)][:2]
    [('liquidity', 'FAIL', 'at most 50 shares'), ('position_size', 'FAIL', 'at most 80 shares')]
    """
    return tuple(finding.verdict() for finding in findings(check, limits))


def _judge(holds: bool) -> Judgement:
    return Judgement.PASS if holds else Judgement.FAIL


def _missing(
    rule: str, unit: str, limit: Decimal, limit_words: str, what: str, remedy: str
) -> Finding:
    return Finding(
        rule,
        Judgement.NOT_JUDGED,
        unit,
        None,
        limit,
        limit_words,
        remedy,
        said=f"{what} is missing",
    )


def _reducing(rule: str, unit: str, limit: Decimal, limit_words: str) -> Finding:
    return Finding(
        rule,
        Judgement.PASS,
        unit,
        None,
        limit,
        limit_words,
        "any order that only reduces the position",
        said="only reduces the position",
    )


def _missing_for_sector(check: OrderCheck) -> str:
    for what, value in (
        ("the price", check.price),
        ("equity", check.equity),
        ("the sector", check.sector),
        ("the sector's value", check.sector_value),
    ):
        if value is None:
            return what
    return ""


def _at_most(most: Decimal, check: OrderCheck) -> str:
    """Say how large the order may be; what only reduces a position always may."""
    reducible = -check.held * check.side.sign // 1
    return f"at most {shares(max(Decimal(0), most, reducible))}"
