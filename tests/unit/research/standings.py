"""A standing for tests of what shows one."""

from fondaco.research.trial_results import Counts, Standing

STANDING = Standing(
    own=Counts(1, 1.0),
    family=Counts(2, 1.0 + 1 / 3),
    desk=Counts(3, 2.5),
    alike=0,
    sessions=1_260,
    sharpe=0.5,
    sharpe_low=-0.1,
    sharpe_high=1.1,
    cagr_low=-0.01,
    cagr_high=0.12,
    drawdown_low=-0.6,
    drawdown_high=-0.2,
    luck_sharpe=0.2,
    deflated=0.9,
    deflated_desk=0.8,
    false_discovery=0.1,
    overfit=None,
    overfit_sets=1,
    overfit_left_out=0,
    track_record=2_000,
    said="The Sharpe ratio of 0.50 is not above what luck may show.",
    warnings=("It stands on too few sessions.",),
)
