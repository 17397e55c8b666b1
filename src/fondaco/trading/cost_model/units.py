"""Units that the price's part of a cost is counted in. Light: nothing is compiled here."""

from typing import Final

PPB: Final = 10**9
"""Parts per billion in a whole price."""
PPB_PER_BPS: Final = 100_000
CONCESSION_MAX: Final = PPB // 2
"""The most that an order gives up, half the price: beyond it the formula means nothing."""
