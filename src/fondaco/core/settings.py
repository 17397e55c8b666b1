"""Settings: from `FONDACO_` variables of the environment, each with its bound and meaning."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _absolute(path: Path) -> Path:
    """Let `~` and relative folders mean one place, wherever a later process starts."""
    return path.expanduser().absolute()


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
        None, description="a PostgreSQL server to use instead of the embedded one"
    )
    host: str = Field("127.0.0.1", description="address that the terminal listens on")
    port: int = Field(8321, ge=1, le=65_535, description="port that the terminal listens on")
    api_key: SecretStr | None = Field(
        None, min_length=32, description="REST key of a person; at least 32 characters"
    )
    agent_api_key: SecretStr | None = Field(
        None, min_length=32, description="REST key of a program: reads and proposes, no MONEY"
    )
    account: str = Field("paper", pattern=r"^[a-z][a-z0-9_]{0,31}$", description="paper account")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="account currency")
    card_life_hours: float = Field(24, gt=0, le=168, description="hours until a card expires")
    cards_per_cycle_max: int = Field(8, ge=1, le=50, description="most cards of one cycle")
    price_tolerance: float = Field(
        0.02, gt=0, le=0.2, description="price move since the card that voids it, as a share"
    )
    price_age_sessions_max: int = Field(
        3, ge=1, le=20, description="sessions after which the last price is stale"
    )
    cost_bps: float = Field(5.0, ge=0, le=1_000, description="cost of a fill in basis points")
    fee_min: Decimal = Field(Decimal("1.00"), ge=0, le=1_000, description="least fee of a fill")
    position_share_max: float = Field(
        0.10, gt=0, le=1, description="largest position as a share of equity"
    )
    sector_share_max: float = Field(
        0.30, gt=0, le=1, description="largest sector exposure as a share of equity"
    )
    volume_share_max: float = Field(
        0.01, gt=0, le=1, description="largest order as a share of 20-day average volume"
    )
    event_days_min: int = Field(
        3, ge=0, le=30, description="fewest days between a trade and the next known event"
    )
    regime_vol_max: float = Field(
        0.35, gt=0, le=5, description="index volatility, annualised, above which buys stop"
    )
    catalyst_days_max: int = Field(5, ge=0, le=90, description="oldest catalyst of a card in days")
