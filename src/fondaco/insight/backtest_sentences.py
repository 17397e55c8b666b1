"""The sentences about a backtest. No digit stands here: numbers come through fact slots.

Words: `id strategy since_day until_day fill_point label`; in `parameters`: `name`.
Facts: `sessions start_equity end_equity cagr vol_annual sharpe sortino max_drawdown
turnover_annual fills cost trials_strategy trials_family trials_desk trials_effective luck_sharpe
deflated overfit sharpe_low sharpe_high`; in `parameters`: `value`.
"""

from fondaco.insight.sentences import Template

RUN = (
    Template("{id} ran the strategy {strategy} over {#sessions}, from {since_day} to {until_day}."),
    Template(
        "An order decided at a session's close was filled at the next session's {fill_point}."
    ),
)
PARAMETER = Template("The parameter {name} was {#value}.")
RESULT = (
    Template(
        "An account of {#start_equity} became {#end_equity}: {#cagr} a year at a volatility "
        "of {#vol_annual} a year."
    ),
    Template(
        "For each unit of volatility that is a Sharpe ratio of {#sharpe}; counting falls "
        "alone, a Sortino ratio of {#sortino}."
    ),
    Template("The deepest fall from a high was {#max_drawdown}."),
    Template(
        "It turned over {#turnover_annual} of its equity a year in {#fills} and paid {#cost} "
        "in fees."
    ),
)
TRIALS = (
    Template(
        "The trial ledger counts {#trials_strategy} of this strategy, {#trials_family} of its "
        "family and {#trials_desk} on the whole desk, which count for {#trials_effective} "
        "independent ones; the more are tried, the more of a good result may be chance."
    ),
    Template(
        "The best of them would show a Sharpe ratio of {#luck_sharpe} without any skill; the "
        "probability that this one's true ratio lies above what luck shows is {#deflated}."
    ),
    Template(
        "Resampled in blocks, its Sharpe ratio lies between {#sharpe_low} and {#sharpe_high} "
        "nineteen times in twenty."
    ),
    Template("It is a calculation on past prices and says nothing certain about later ones."),
)
LABEL = Template("Prices: {label}.")
