"""Labels: what a forecaster learns to say, and the session at which each can be known."""

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.research import kernels

HORIZON_SESSIONS = 20


def forward_return(close: Matrix, horizon: int = HORIZON_SESSIONS) -> Matrix:
    """Return close[t + horizon] / close[t] - 1, (T, N); NaN in the last `horizon` rows.

    A label looks ahead by design: row t cannot be known before session t + horizon, and nothing
    but a training set whose refit lies at or after that session may read it.
    """
    if horizon < 1:
        raise InvalidInput("a label needs a horizon", value=horizon, bound=">= 1 session")
    ahead = np.full(close.shape, np.nan)
    if len(close) > horizon:
        back = kernels.change(np.ascontiguousarray(close, dtype=np.float64), horizon, 0)
        ahead[:-horizon] = back[horizon:]
    return ahead


def forward_rank(close: Matrix, horizon: int = HORIZON_SESSIONS) -> Matrix:
    """Return the cross-sectional rank of the next return, 0 worst to 1 best, (T, N).

    Source of the idea: the rank is free of the market's move and of outliers, as in Gu, Kelly and
    Xiu (2020), section 2.1, for inputs.
    """
    return kernels.cross_rank(forward_return(close, horizon))
