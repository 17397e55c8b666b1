"""How the trial ledger, standings and promotions are drawn."""

from fondaco.core.view import Block, Card, Chip, Text, Tone
from fondaco.research.gate import BOUNDS
from fondaco.research.trial_results import Standing
from fondaco.research.trial_words import counted_words, share_words

PASS, FAIL, NOT_JUDGED = "PASS", "FAIL", "NOT JUDGED"


def standing_blocks(standing: Standing, label: str) -> list[Block]:
    """Return a standing: what it means, the counts and figures behind it, and what is off."""
    passed = (
        standing.deflated is not None
        and standing.deflated_desk is not None
        and standing.deflated >= BOUNDS.deflated_min
        and standing.deflated_desk >= BOUNDS.deflated_desk_min
    )
    return [
        Text(standing.said, Tone.PLAIN if passed else Tone.WARNING),
        Card("After every trial", _fields(standing), _chips(standing), label),
        *(Text(warning, Tone.WARNING) for warning in standing.warnings),
    ]


def _fields(standing: Standing) -> tuple[tuple[str, str], ...]:
    needed = standing.track_record
    sets = f"over {standing.overfit_sets:,} sets"
    return (
        ("Trials of this strategy", counted_words(standing.own)),
        ("Trials of its family", counted_words(standing.family)),
        ("Trials of the desk", counted_words(standing.desk)),
        ("Sharpe ratio", ranged(standing.sharpe, standing.sharpe_low, standing.sharpe_high)),
        ("CAGR, 95 % interval", _span(standing.cagr_low, standing.cagr_high)),
        ("Max drawdown, 95 % interval", _span(standing.drawdown_low, standing.drawdown_high)),
        ("Sharpe ratio of luck alone", f"{standing.luck_sharpe:.2f}, the best of the desk's"),
        ("Deflated Sharpe ratio", _share(standing.deflated)),
        ("Deflated over the desk", _share(standing.deflated_desk)),
        ("False discoveries, q", _share(standing.false_discovery)),
        (
            "Overfitting, PBO",
            "not defined: fewer than two sets on these sessions"
            if standing.overfit is None
            else f"{share_words(standing.overfit)} {sets}",
        ),
        (
            "Least track record",
            "none would do" if needed is None else f"{needed:,} of {standing.sessions:,} sessions",
        ),
    )


def ranged(value: float | None, low: float | None, high: float | None) -> str:
    """Return a ratio with its interval; a dash where there is none.

    >>> ranged(0.5, -0.1, 1.1), ranged(0.5, None, None), ranged(None, None, None)
    ('0.50, 95 % interval -0.10 to 1.10', '0.50', '–')
    """
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{value:.2f}"
    return f"{value:.2f}, 95 % interval {low:.2f} to {high:.2f}"


def _span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low * 100:+.2f} % to {high * 100:+.2f} %"


def _share(value: float | None) -> str:
    return "–" if value is None else share_words(value)


def _chips(standing: Standing) -> tuple[Chip, ...]:
    return (
        _chip("deflated Sharpe ratio", standing.deflated, least=BOUNDS.deflated_min),
        _chip("deflated over the desk", standing.deflated_desk, least=BOUNDS.deflated_desk_min),
        _chip("probability of overfitting", standing.overfit, most=BOUNDS.overfit_max),
    )


def _chip(
    name: str, value: float | None, *, least: float | None = None, most: float | None = None
) -> Chip:
    bound = f"at most {share_words(most)}" if most is not None else ""
    bound = f"at least {share_words(least)}" if least is not None else bound
    if value is None:
        return Chip(NOT_JUDGED, Tone.MUTED, f"{name}: not defined; {bound}")
    met = (least is None or value >= least) and (most is None or value <= most)
    word, tone = (PASS, Tone.GOOD) if met else (FAIL, Tone.BAD)
    return Chip(word, tone, f"{name} {share_words(value)}, {bound}")
