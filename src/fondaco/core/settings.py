"""Settings: from `FONDACO_` variables of the environment, each with its bound and meaning."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fondaco.core.errors import InvalidInput
from fondaco.core.journal import HIDDEN, is_secret


def _absolute(path: Path) -> Path:
    """Let `~` and relative folders mean one place, wherever a later process starts."""
    return path.expanduser().absolute()


def _absolute_or_none(path: Path | None) -> Path | None:
    return None if path is None else _absolute(path)


class Settings(BaseSettings):
    """How this desk is set up. `fondaco doctor` shows what is in force."""

    model_config = SettingsConfigDict(
        env_prefix="FONDACO_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: user_data_path("fondaco"),
        description="data folder; the platform's own place by default",
    )
    database_url: SecretStr | None = Field(
        default=None, description="a PostgreSQL server to use instead of the embedded one"
    )
    host: str = Field(default="127.0.0.1", description="address that the terminal listens on")
    port: int = Field(
        default=8321, ge=1, le=65_535, description="port that the terminal listens on"
    )
    api_key: SecretStr | None = Field(
        default=None, min_length=32, description="REST key of a person; at least 32 characters"
    )
    agent_api_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="REST key of a program: reads and proposes, no MONEY",
    )
    account: str = Field(
        default="paper", pattern=r"^[a-z][a-z0-9_]{0,31}$", description="paper account"
    )
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="account currency")
    card_life_hours: float = Field(
        default=24, gt=0, le=168, description="hours until a card expires"
    )
    cards_per_cycle_max: int = Field(default=8, ge=1, le=50, description="most cards of one cycle")
    price_tolerance: float = Field(
        default=0.02,
        gt=0,
        le=0.2,
        description="price move since the card that voids it, as a share",
    )
    price_age_sessions_max: int = Field(
        default=3, ge=1, le=20, description="sessions after which the last price is stale"
    )
    cost_model: str = Field(
        default="flat",
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$",
        description="what trades cost: flat (cost_bps and fee_min), or the name of a rate table",
    )
    cost_bps: float = Field(
        default=5.0, ge=0, le=1_000, description="cost of a fill in basis points, for flat costs"
    )
    fee_min: Decimal = Field(
        default=Decimal("1.00"), ge=0, le=1_000, description="least fee of a fill, for flat costs"
    )
    half_spread_bps: Decimal = Field(
        default=Decimal(0),
        ge=0,
        le=1_000,
        description="half the spread in basis points: what an order that takes gives up",
    )
    cost_fitted_at: date | None = Field(
        default=None,
        description="day on which these cost figures were fitted to fills or measured; the gate "
        "to paper asks for it where no dated rate table is used",
    )
    volume_participation_max: Decimal | None = Field(
        default=None,
        gt=0,
        le=1,
        description="share of a session's volume that paper orders may take; any when unset",
    )
    touch_fills: bool = Field(
        default=False, description="whether a paper limit fills when the price only touches it"
    )
    position_share_max: float = Field(
        default=0.10, gt=0, le=1, description="largest position as a share of equity"
    )
    sector_share_max: float = Field(
        default=0.30, gt=0, le=1, description="largest sector exposure as a share of equity"
    )
    volume_share_max: float = Field(
        default=0.01, gt=0, le=1, description="largest order as a share of 20-day average volume"
    )
    event_days_min: int = Field(
        default=3, ge=0, le=30, description="fewest days between a trade and the next known event"
    )
    regime_vol_max: float = Field(
        default=0.35, gt=0, le=5, description="index volatility, annualised, above which buys stop"
    )
    catalyst_days_max: int = Field(
        default=5, ge=0, le=90, description="oldest catalyst of a card in days"
    )
    routes: str = Field(
        default="",
        max_length=4_000,
        description="sources by kind and market in the order in which they are asked, "
        "e.g. quotes.US=tiingo,yahoo;macro.*=fred; the built-in order where unset",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="a Redis for rate limits below a day and a cache that processes share",
    )
    cache_mb: int = Field(
        default=256, ge=1, le=65_536, description="memory for what was lately fetched"
    )
    warm_calls: int = Field(
        default=20,
        ge=0,
        le=1_000,
        description="most calls an hour that fetch ahead what is often asked for; 0 for none",
    )
    cycle_symbols: str = Field(
        default="",
        pattern=r"^$|^[A-Z0-9][A-Z0-9.\-^=_]*(,[A-Z0-9][A-Z0-9.\-^=_]*)*$",
        max_length=8_000,
        description="symbols whose daily bars each cycle fetches, e.g. AAPL,MSFT; none when unset",
    )
    workers: str = Field(
        default="threads",
        pattern=r"^(serial|(threads|processes|ray)(:[0-9]{1,4})?|ray://[^\s/]+:[0-9]{1,5})$",
        description="who works on sets and splits at once: threads, processes:N, ray, or "
        "ray://host:port",
    )
    strategies_dir: Annotated[Path | None, AfterValidator(_absolute_or_none)] = Field(
        default=None,
        description="folder of your own strategies; `strategies` in the data folder by default",
    )
    strategy_seconds: float = Field(
        default=10.0, gt=0, le=3_600, description="longest call of a strategy of your own"
    )
    strategy_memory_mb: int = Field(
        default=512,
        ge=64,
        le=65_536,
        description="memory of a strategy of your own, beside what its packages take",
    )
    strategies_unconfined: bool = Field(
        default=False,
        description="run strategies of your own even where the system cannot shut them in",
    )


def load_settings() -> Settings:
    """Return the settings; raises InvalidInput naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidInput(
            "; ".join(_fault(fault) for fault in error.errors()),
            remedy="Correct it, or unset it for its default. `fondaco doctor` checks the desk.",
        ) from None


def _fault(fault: Any) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else "settings"
    hidden = is_secret(name) or name == "database_url"
    value = HIDDEN if hidden else repr(str(fault["input"])[:80])
    return f"FONDACO_{name.upper()}: {fault['msg']} (value: {value})"
