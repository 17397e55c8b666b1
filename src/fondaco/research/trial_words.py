"""Counts and probabilities in words, as every report of trials says them."""

from collections.abc import Mapping

from fondaco.research.trial_results import Counts


def counted_words(counts: Counts) -> str:
    """Return how many trials there were, and for how many they count.

    >>> counted_words(Counts(37, 8.123)), counted_words(Counts(1, 1.0))
    ('37 trials (8.1 effective)', '1 trial')
    """
    if counts.raw == 1:
        return "1 trial"
    return f"{counts.raw:,} trials ({counts.effective:,.1f} effective)"


def share_words(share: float) -> str:
    """Return a probability in words, never rounded to a certainty.

    >>> share_words(0.9312), share_words(0.99999), share_words(0.00001)
    ('93.1 %', 'above 99.9 %', 'below 0.1 %')
    """
    if share > 0.999:
        return "above 99.9 %"
    return "below 0.1 %" if share < 0.001 else f"{share * 100:.1f} %"


def parameter_words(parameters: Mapping[str, object]) -> str:
    """Return parameters in words.

    >>> parameter_words({"lookback": 252, "share": 0.2})
    'lookback 252, share 0.2'
    """
    return ", ".join(f"{name} {value}" for name, value in parameters.items())
