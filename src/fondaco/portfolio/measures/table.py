"""Every measure of an account: its name, title, formula in words, source and unit.

Reports, pages and docs take their words from here. r is the return of a session, f the risk-free
rate of a session, b the return of the benchmark. A `share` of 0.01 is 1 %.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Unit = Literal["share", "ratio", "days", "money", "count"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is called, how it is computed, who defined it, and its unit."""

    title: str
    formula: str
    source: str
    unit: Unit


MEASURES = MappingProxyType(
    {
        "total_return": Measure(
            "Total return",
            "product of (1 + r), less 1",
            "empyrical 0.5 `cum_returns_final`",
            "share",
        ),
        "cagr": Measure(
            "Growth a year",
            "(1 + total return)^(252 / sessions) - 1",
            "empyrical 0.5 `annual_return`",
            "share",
        ),
        "mean_annual": Measure(
            "Mean return a year",
            "mean of r x 252",
            "PyPortfolioOpt `mean_historical_return(compounding=False)`",
            "share",
        ),
        "best_day": Measure(
            "Best day",
            "highest r",
            "definition",
            "share",
        ),
        "worst_day": Measure(
            "Worst day",
            "lowest r",
            "definition",
            "share",
        ),
        "best_month": Measure(
            "Best month",
            "highest return of a calendar month",
            "definition",
            "share",
        ),
        "worst_month": Measure(
            "Worst month",
            "lowest return of a calendar month",
            "definition",
            "share",
        ),
        "best_year": Measure(
            "Best year",
            "highest return of a calendar year",
            "definition",
            "share",
        ),
        "worst_year": Measure(
            "Worst year",
            "lowest return of a calendar year",
            "definition",
            "share",
        ),
        "positive_days": Measure(
            "Gaining days",
            "days with r above 0 / days",
            "definition",
            "share",
        ),
        "positive_months": Measure(
            "Gaining months",
            "months with a return above 0 / months",
            "definition",
            "share",
        ),
        "hit_rate": Measure(
            "Gaining days that moved",
            "days with r above 0 / days with r other than 0",
            "definition",
            "share",
        ),
        "stability": Measure(
            "Stability",
            "R^2 of a straight line through the cumulated log returns",
            "empyrical 0.5 `stability_of_timeseries`",
            "share",
        ),
        "gain_to_pain": Measure(
            "Gain to pain",
            "sum of monthly returns / sum of the losing ones without their sign",
            "Schwager (2012), Hedge Fund Market Wizards, appendix A",
            "ratio",
        ),
        "vol_annual": Measure(
            "Volatility a year",
            "standard deviation of r (n - 1) x sqrt(252)",
            "empyrical 0.5 `annual_volatility`",
            "share",
        ),
        "downside_risk": Measure(
            "Downside risk a year",
            "sqrt of the mean of min(r, 0)^2, x sqrt(252)",
            "Sortino and Price (1994), Journal of Investing 3, p. 59-64",
            "share",
        ),
        "sharpe": Measure(
            "Sharpe ratio",
            "mean of (r - f) / standard deviation of (r - f) x sqrt(252)",
            "Sharpe (1994), Journal of Portfolio Management 21, p. 49-58",
            "ratio",
        ),
        "sortino": Measure(
            "Sortino ratio",
            "mean of (r - f) x 252 / downside risk of (r - f)",
            "Sortino and Price (1994), Journal of Investing 3, p. 59-64",
            "ratio",
        ),
        "calmar": Measure(
            "Calmar ratio",
            "growth a year / deepest fall without its sign",
            "Young (1991), Futures 20(1), p. 40",
            "ratio",
        ),
        "omega": Measure(
            "Omega ratio",
            "sum of (r - f) above 0 / sum of (r - f) below 0 without its sign",
            "Keating and Shadwick (2002), Journal of Performance Measurement 6(3), p. 59-84",
            "ratio",
        ),
        "max_drawdown": Measure(
            "Deepest fall",
            "lowest of equity / its highest so far - 1",
            "Magdon-Ismail and Atiya (2004), Risk 17, p. 99-102",
            "share",
        ),
        "average_drawdown": Measure(
            "Average fall",
            "mean depth of all falls, each from its high to its trough",
            "Bacon (2008), Practical Portfolio Performance Measurement and Attribution, "
            "2nd ed., ch. 4",
            "share",
        ),
        "longest_under_water": Measure(
            "Longest time under water",
            "most calendar days from a high until it was seen again or the span ended",
            "pyfolio 0.9 `gen_drawdown_table`",
            "days",
        ),
        "ulcer_index": Measure(
            "Ulcer index",
            "sqrt of the mean of the falls squared",
            "Martin and McCann (1989), The Investor's Guide to Fidelity Funds",
            "share",
        ),
        "value_at_risk": Measure(
            "Value at risk, 5 %, historical",
            "5 % quantile of r",
            "empyrical 0.5 `value_at_risk`",
            "share",
        ),
        "value_at_risk_normal": Measure(
            "Value at risk, 5 %, normal",
            "mean - 1.645 x standard deviation of r",
            "Jorion (2006), Value at Risk, 3rd ed., ch. 5",
            "share",
        ),
        "value_at_risk_cornish_fisher": Measure(
            "Value at risk, 5 %, Cornish-Fisher",
            "the same with the quantile corrected for skew and kurtosis",
            "Favre and Galeano (2002), Journal of Alternative Investments 5(2), p. 21-25",
            "share",
        ),
        "expected_shortfall": Measure(
            "Expected shortfall (CVaR), 5 %",
            "mean of the worst 5 % of r",
            "Rockafellar and Uryasev (2000), Journal of Risk 2(3), p. 21-41",
            "share",
        ),
        "skew": Measure(
            "Skew",
            "third central moment / second^1.5, divided by n",
            "scipy `stats.skew`",
            "ratio",
        ),
        "kurtosis": Measure(
            "Excess kurtosis",
            "fourth central moment / second^2 - 3, divided by n",
            "scipy `stats.kurtosis`",
            "ratio",
        ),
        "tail_ratio": Measure(
            "Tail ratio",
            "95 % quantile of r / 5 % quantile, without signs",
            "empyrical 0.5 `tail_ratio`",
            "ratio",
        ),
        "common_sense_ratio": Measure(
            "Common sense ratio",
            "tail ratio x sum of gains / sum of losses",
            "pyfolio 0.9 `common_sense_ratio`",
            "ratio",
        ),
        "beta": Measure(
            "Beta",
            "covariance of r and b / variance of b",
            "empyrical 0.5 `beta`",
            "ratio",
        ),
        "alpha": Measure(
            "Alpha a year",
            "(1 + mean of (r - f - beta x (b - f)))^252 - 1",
            "Jensen (1968), Journal of Finance 23, p. 389-416, eq. 8; compounded as empyrical does",
            "share",
        ),
        "correlation": Measure(
            "Correlation",
            "covariance of r and b / both standard deviations",
            "Pearson",
            "ratio",
        ),
        "tracking_error": Measure(
            "Tracking error a year",
            "standard deviation of (r - b) x sqrt(252)",
            "Grinold and Kahn (2000), Active Portfolio Management, 2nd ed., ch. 3",
            "share",
        ),
        "information_ratio": Measure(
            "Information ratio, a session",
            "mean of (r - b) / standard deviation of (r - b)",
            "empyrical 0.5 `excess_sharpe`",
            "ratio",
        ),
        "information_ratio_annual": Measure(
            "Information ratio, a year",
            "the same x sqrt(252)",
            "Grinold and Kahn (2000), Active Portfolio Management, 2nd ed., ch. 5",
            "ratio",
        ),
        "up_beta": Measure(
            "Beta up",
            "beta over the sessions in which b rose",
            "empyrical 0.5 `up_alpha_beta`",
            "ratio",
        ),
        "down_beta": Measure(
            "Beta down",
            "beta over the sessions in which b fell",
            "empyrical 0.5 `down_alpha_beta`",
            "ratio",
        ),
        "up_alpha": Measure(
            "Alpha up, a year",
            "alpha over the sessions in which b rose",
            "empyrical 0.5 `up_alpha_beta`",
            "share",
        ),
        "down_alpha": Measure(
            "Alpha down, a year",
            "alpha over the sessions in which b fell",
            "empyrical 0.5 `down_alpha_beta`",
            "share",
        ),
        "up_capture": Measure(
            "Up capture",
            "growth a year of r / that of b, over the sessions in which b rose",
            "empyrical 0.5 `up_capture`",
            "ratio",
        ),
        "down_capture": Measure(
            "Down capture",
            "growth a year of r / that of b, over the sessions in which b fell",
            "empyrical 0.5 `down_capture`",
            "ratio",
        ),
        "capture_ratio": Measure(
            "Capture ratio",
            "up capture / down capture",
            "empyrical 0.5 `up_down_capture`",
            "ratio",
        ),
        "fragility": Measure(
            "Fragility",
            "r at the ends of the benchmark's range, weighted, less r at its middle",
            "Taleb et al. (2012), IMF Working Paper 12/216",
            "share",
        ),
        "exposure": Measure(
            "Exposure",
            "mean of positions without signs / equity",
            "pyfolio 0.9 `gross_lev`",
            "share",
        ),
        "leverage_gross_max": Measure(
            "Highest gross leverage",
            "highest of positions without signs / equity",
            "pyfolio 0.9 `gross_lev`",
            "share",
        ),
        "leverage_net": Measure(
            "Net leverage",
            "mean of (longs less shorts) / equity",
            "definition",
            "share",
        ),
        "time_invested": Measure(
            "Time invested",
            "sessions with a position / sessions",
            "definition",
            "share",
        ),
        "turnover_annual": Measure(
            "Turnover a year",
            "mean of (bought + sold) / (2 x equity), x 252",
            "pyfolio 0.9 `get_turnover`",
            "share",
        ),
        "cost_annual": Measure(
            "Cost a year",
            "fees / mean equity / years",
            "definition",
            "share",
        ),
        "capacity_participation": Measure(
            "Capacity by participation",
            "capital at which 95 % of trades stay within 5 % of the average daily volume",
            "Kissell and Glantz (2003), Optimal Trading Strategies",
            "money",
        ),
        "capacity_impact": Measure(
            "Capacity by impact",
            "capital at which square-root impact eats the mean return a year",
            "Grinold and Kahn (2000), Active Portfolio Management, 2nd ed., ch. 16",
            "money",
        ),
        "trips": Measure(
            "Round trips",
            "lots opened by one fill and closed by another, first in, first out",
            "definition",
            "count",
        ),
        "win_rate": Measure(
            "Win rate",
            "trips with a profit / trips",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "share",
        ),
        "profit_factor": Measure(
            "Profit factor",
            "sum of gains / sum of losses",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "ratio",
        ),
        "expectancy": Measure(
            "Expectancy",
            "mean profit of a trip, after fees",
            "Vince (1990), Portfolio Management Formulas, ch. 1",
            "money",
        ),
        "payoff_ratio": Measure(
            "Payoff ratio",
            "average win / average loss without its sign",
            "Vince (1990), Portfolio Management Formulas, ch. 1",
            "ratio",
        ),
        "average_win": Measure(
            "Average win",
            "mean profit of the winning trips",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "money",
        ),
        "average_loss": Measure(
            "Average loss",
            "mean profit of the losing trips",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "money",
        ),
        "holding_days": Measure(
            "Average time held",
            "mean of calendar days from opening to close",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "days",
        ),
        "winning_run": Measure(
            "Longest winning run",
            "most winning trips in a row, by their close",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "count",
        ),
        "losing_run": Measure(
            "Longest losing run",
            "most losing trips in a row, by their close",
            "Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., ch. 12",
            "count",
        ),
    }
)
