"""What is said of a tuning in words."""

from fondaco.backtest.tuning.result import Forward, Kept, TuneResult

NOT_WALKED = (
    "The figures below were chosen on the data that they are shown for: walking forward was "
    "switched off. The best of many sets looks good by luck alone, and nothing here says how it "
    "fares on days that it was not chosen by."
)
NOTHING_KEPT = (
    "Nothing of the span was kept back: no later validation has days that this study did not touch."
)


def forward_words(forward: Forward) -> str:
    """Return what choosing anew at each window earned, and what hindsight would have."""
    over = f"{forward.sessions:,} sessions, {forward.since} to {forward.until}"
    windows = "1 window" if forward.windows == 1 else f"{forward.windows:,} windows"
    earned = ratio_words(forward.chosen.sharpe)
    hindsight = ratio_words(forward.hindsight.sharpe)
    return (
        f"Out of sample: choosing anew at each of {windows}, by the sessions before it alone, "
        f"earned {earned} over {over}. The best set of all, picked with hindsight, shows "
        f"{hindsight} over the same sessions; the first figure is the one to expect."
    )


def ratio_words(sharpe: float | None) -> str:
    """Return a Sharpe ratio in words.

    >>> ratio_words(0.5), ratio_words(None)
    ('a Sharpe ratio of 0.50', 'no Sharpe ratio (nothing moved)')
    """
    if sharpe is None:
        return "no Sharpe ratio (nothing moved)"
    return f"a Sharpe ratio of {sharpe:.2f}"


def held_words(held: Kept | None) -> str:
    """Return what was kept back, in words."""
    if held is None:
        return "nothing"
    sessions = "1 session" if held.sessions == 1 else f"{held.sessions:,} sessions"
    return f"{held.since} to {held.until}, {sessions} that no trial of this study touched"


def tried_words(result: TuneResult) -> str:
    """Return how many sets were tried, what became of them, and how many trials that made."""
    ends = [
        f"{count:,} {name}"
        for count, name in (
            (result.complete, "played in full"),
            (result.pruned, "given up early"),
            (result.failed, "refused or not to be played"),
        )
        if count
    ]
    made = "1 new trial" if result.trials_new == 1 else f"{result.trials_new:,} new trials"
    sets = "1 set" if result.tried == 1 else f"{result.tried:,} sets"
    return f"{sets} tried ({', '.join(ends)}), {made} in the ledger, kept as study {result.study}."


def all_tried(tried: int, asked: int) -> str | None:
    """Return the note that the space held fewer sets than were asked for."""
    if tried >= asked:
        return None
    return f"The space holds {tried:,} sets, fewer than the {asked:,} asked for: all were tried."
