"""What a standing means, in words: one plain sentence, and a warning for each thing that is off."""

from collections.abc import Iterator

from fondaco.research.gate import BOUNDS
from fondaco.research.trial_results import Standing
from fondaco.research.trial_words import counted_words, share_words

FALSE_DISCOVERY_MAX = 0.10
"""Above it more than one in ten results as good as this one are expected to be luck."""
SESSIONS_FEW = 252


def said_of(standing: Standing) -> str:
    """Return in a sentence, two at most, what a standing means."""
    if standing.sharpe is None:
        return "Its returns do not vary or are not known, so there is no Sharpe ratio to judge."
    ratio = f"A Sharpe ratio of {standing.sharpe:.2f}"
    if standing.deflated is None or standing.deflated_desk is None:
        return (
            f"{ratio} stands without dated daily returns: how much of it is luck cannot be "
            "measured, and it counts as a trial of its own for ever."
        )
    paid = f"its family's {counted_words(standing.family)}"
    chance = f"deflated Sharpe ratio {share_words(standing.deflated)}"
    if not standing.deflated >= BOUNDS.deflated_min:
        return (
            f"{ratio} is not told from luck after paying for {paid} ({chance}, "
            f"{share_words(BOUNDS.deflated_min)} needed). {_luck(standing)}"
        )
    if not standing.deflated_desk >= BOUNDS.deflated_desk_min:
        return (
            f"{ratio} stands after paying for {paid} ({chance}), but not for the desk's "
            f"{counted_words(standing.desk)} ({share_words(standing.deflated_desk)}, "
            f"{share_words(BOUNDS.deflated_desk_min)} needed)."
        )
    return (
        f"{ratio} is more than luck explains after paying for {paid} ({chance}) and for the "
        f"desk's {counted_words(standing.desk)} ({share_words(standing.deflated_desk)})."
    )


def _luck(standing: Standing) -> str:
    if standing.luck_sharpe <= 0.0:
        return f"It rests on {standing.sessions:,} sessions."
    return (
        f"Without any skill, the best of the desk's {counted_words(standing.desk)} would show "
        f"about {standing.luck_sharpe:.2f} over {standing.sessions:,} sessions."
    )


def warnings_of(standing: Standing) -> tuple[str, ...]:
    """Return what is wrong with a result, each with its numbers; nothing where nothing is."""
    return (*_luck_warnings(standing), *_set_warnings(standing), *_length_warnings(standing))


def _luck_warnings(standing: Standing) -> Iterator[str]:
    if standing.deflated is not None and not standing.deflated >= BOUNDS.deflated_min:
        yield (
            f"Luck is not excluded: the Sharpe ratio deflated over its family's "
            f"{counted_words(standing.family)} is {share_words(standing.deflated)}, below "
            f"{share_words(BOUNDS.deflated_min)}."
        )
    if standing.deflated_desk is not None and (
        not standing.deflated_desk >= BOUNDS.deflated_desk_min
    ):
        yield (
            f"Deflated over the desk's {counted_words(standing.desk)}, it is "
            f"{share_words(standing.deflated_desk)}, below {share_words(BOUNDS.deflated_desk_min)}."
        )
    if standing.sharpe is not None and 0.0 < standing.luck_sharpe >= standing.sharpe:
        yield (
            f"The Sharpe ratio of {standing.sharpe:.2f} is not above {standing.luck_sharpe:.2f}, "
            "which the best of the desk's trials would show without any skill."
        )
    found = standing.false_discovery
    if found is not None and not found <= FALSE_DISCOVERY_MAX:
        yield (
            f"Of the desk's results as good as this one, {share_words(found)} are expected to be "
            f"false discoveries, above {share_words(FALSE_DISCOVERY_MAX)}."
        )


def _set_warnings(standing: Standing) -> Iterator[str]:
    if standing.overfit is not None and not standing.overfit <= BOUNDS.overfit_max:
        yield (
            f"The choice among {standing.overfit_sets:,} sets is overfitted with a probability of "
            f"{share_words(standing.overfit)}, above {share_words(BOUNDS.overfit_max)}: the best "
            "of one half of the past fell below the median of the other as often."
        )
    if standing.overfit_left_out:
        yield (
            f"{_trials(standing.overfit_left_out)} of its family could not be compared on these "
            "sessions: the probability of overfitting does not see what they chose."
        )
    if standing.alike:
        yield (
            f"{_trials(standing.alike)} under other names count as its family: their returns go "
            "along with its own, or they are of a strategy that is its twin."
        )


def _length_warnings(standing: Standing) -> Iterator[str]:
    if standing.sharpe is None or standing.deflated is None:
        yield "Without daily returns that vary there is no interval and no deflated Sharpe ratio."
        return
    if standing.sharpe_low is None:
        yield (
            "There is no interval: these returns are too few, hardly ever move, or lost everything."
        )
    elif standing.sharpe_high is not None and standing.sharpe_low <= 0.0 <= standing.sharpe_high:
        yield (
            f"The 95 % interval of the Sharpe ratio, {standing.sharpe_low:.2f} to "
            f"{standing.sharpe_high:.2f}, holds 0."
        )
    if standing.track_record is None:
        yield "No record, however long, would tell a ratio that is not above 0 from luck."
    elif standing.track_record > standing.sessions:
        yield (
            f"The record is short: a ratio as high needs {standing.track_record:,} sessions to be "
            f"told from 0, and there are {standing.sessions:,}."
        )
    if standing.sessions < SESSIONS_FEW:
        yield f"It rests on {standing.sessions:,} sessions, less than a year."


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"
