"""What known factors explain of a return: by given loadings, or by regression."""

from dataclasses import dataclass

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, Array, same_length


@dataclass(frozen=True, slots=True)
class FactorAttribution:
    """T sessions, K factors: `common` and `specific` add up to the returns.

    `exposures` (T x K) is what the portfolio held of each factor, `contributions` (T x K) that
    times the factor's return, `common` their sum over factors, `tilt` the part that the average
    exposure explains and `timing` the rest of `common`.
    """

    exposures: Array
    contributions: Array
    common: Array
    specific: Array
    tilt: Array
    timing: Array


@dataclass(frozen=True, slots=True)
class FactorRegression:
    """r = alpha + sum(beta x factor) + residual, fitted by least squares.

    `alpha` is per session and `alpha_annual` compounded to a year; `contributions` is T x K;
    `t_values` are of alpha and then each beta.
    """

    alpha: float
    alpha_annual: float
    betas: Array
    contributions: Array
    residual: Array
    r_squared: float
    t_values: Array


def attribute_to_factors(
    returns: Array, weights: Array, loadings: Array, factor_returns: Array
) -> FactorAttribution:
    """Return what each factor contributed, given what each name is exposed to.

    `weights` is T x N (shares of equity, cash left out), `loadings` T x N x K, `factor_returns`
    T x K, all of the session of the return, as pyfolio's `perf_attrib`. A name without loadings
    (NaN) falls to `specific`. Raises InvalidInput for shapes that do not fit.
    """
    sessions, names = weights.shape
    expected = (sessions, names, factor_returns.shape[-1])
    if loadings.shape != expected or len(returns) != sessions or len(factor_returns) != sessions:
        raise InvalidInput(
            "loadings must be sessions x names x factors", value=loadings.shape, bound=expected
        )
    exposures = np.einsum("tn,tnk->tk", weights, np.nan_to_num(loadings))
    contributions = exposures * factor_returns
    common = contributions.sum(axis=1)
    tilt = factor_returns @ exposures.mean(axis=0)
    return FactorAttribution(
        exposures, contributions, common, returns - common, tilt, common - tilt
    )


def regress_on_factors(
    returns: Array, factors: Array, *, periods: int = SESSIONS_PER_YEAR
) -> FactorRegression:
    """Return the least-squares fit of returns (T) on factors (T x K) with an intercept.

    Sessions lacking any value must be left out first. Source: Sharpe (1992), Journal of Portfolio
    Management 18(2), p. 7-19, without his bounds on the betas. Raises InvalidInput for too few
    sessions, a NaN, or factors of which one follows from the others.
    """
    same_length("returns and factors", returns, factors)
    design = np.column_stack([np.ones(len(returns)), factors])
    _check(design, returns)
    fitted: Array = np.linalg.lstsq(design, returns, rcond=None)[0].astype(np.float64)
    residual = returns - design @ fitted
    contributions = factors * fitted[1:]
    spread = returns - returns.mean()
    variance = float(spread @ spread)
    explained = 1.0 - float(residual @ residual) / variance if variance > 0 else 1.0
    return FactorRegression(
        float(fitted[0]),
        float(max(1.0 + fitted[0], 0.0) ** periods - 1.0),
        fitted[1:],
        contributions,
        residual,
        explained,
        _t_values(design, fitted, residual),
    )


def _t_values(design: Array, fitted: Array, residual: Array) -> Array:
    """Return each coefficient over its standard error; infinite for a perfect fit."""
    freedom = len(design) - design.shape[1]
    variance = float(residual @ residual) / freedom
    errors = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = fitted / errors
    return found


def _check(design: Array, returns: Array) -> None:
    if not np.isfinite(design).all() or not np.isfinite(returns).all():
        raise InvalidInput(
            "a regression needs every value",
            remedy="Leave out the sessions that lack one.",
        )
    if len(design) <= design.shape[1]:
        raise InvalidInput(
            "a regression needs more sessions than coefficients",
            value=len(design),
            bound=f"more than {design.shape[1]}",
        )
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InvalidInput(
            "a factor follows from the others, so its beta has no meaning",
            remedy="Leave out constant factors and sums of others.",
        )
