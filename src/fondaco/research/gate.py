"""The gate: what must hold of a strategy before it may stand on paper, and before it may be live.

Pure: a case in, conditions out, always all of them and in one order. Nothing here is a setting: no
surface, flag or environment passes round it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The bounds of the gate, each with its reason.

    `deflated_min`: the level at which Bailey and Lopez de Prado (2014) call a ratio real; over the
    family, since those trials were made to find this one. `deflated_desk_min`: a desk asks many
    questions, and each may be answered by luck; 0.90 over all of its trials keeps the best of any
    number of luckless ones out in 19 of 20 cases and more, without making one person pay in full
    for another's search. `overfit_max`: at 0.5 the best set falls behind the median as often as
    not (Bailey et al. 2017). `holdout_sessions_min`: one year. `cost_age_days_max`: three years;
    commissions and spreads do not stay. `paper_sessions_min` and `paper_fills_min`: a quarter, and
    enough fills for a mean cost. `paper_distance_min`: the one-sided 5 per cent point of the normal
    that a paper record may not fall below.
    """

    deflated_min: float = 0.95
    deflated_desk_min: float = 0.90
    overfit_max: float = 0.5
    holdout_sessions_min: int = 252
    holdout_sharpe_above: float = 0.0
    cost_age_days_max: int = 1_095
    paper_sessions_min: int = 63
    paper_fills_min: int = 20
    paper_distance_min: float = -1.645


BOUNDS = Bounds()
