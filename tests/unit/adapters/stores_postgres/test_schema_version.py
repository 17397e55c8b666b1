"""The version that the program says it knows is the newest migration in its folder."""

from pathlib import Path

from fondaco.adapters.stores.postgres import migrate
from fondaco.adapters.stores.postgres.holds import lock_number


def test_the_head_is_the_newest_migration() -> None:
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in folder.glob("[0-9]*.py")) == migrate.HEAD


def test_a_lock_has_the_same_number_in_every_process_and_fits_in_64_bits() -> None:
    """The numbers are the first 8 bytes of `printf 'ledger/assets:paper' | sha256sum`, signed."""
    assert lock_number("ledger", "assets:paper") == int.from_bytes(
        bytes.fromhex("83dd8c13aadd7565"), "big", signed=True
    )
    assert lock_number("ledger", "paper") != lock_number("orders", "paper")
    assert all(-(2**63) <= lock_number("x", str(n)) < 2**63 for n in range(100))
