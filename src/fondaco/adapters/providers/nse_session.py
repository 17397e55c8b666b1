"""The session that the exchange's site wants: its cookies come with its home page.

The wire keeps the cookies of one provider. A refusal, or a page in the place of data, is a dead
session: what was asked is unknown, and a person must look.
"""

from collections.abc import Mapping

from fondaco.adapters.providers.wire import Wire
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.ports import Raw
from fondaco.market.sheets import Sheet

HOME = "https://www.nseindia.com"
MARK = b"National Stock Exchange"
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; fondaco/0.1; +https://pypi.org/project/fondaco)",
    "Accept": "application/json,text/plain,*/*",
    "Accept-Language": "en-US,en;q=0.9",
    "Referer": f"{HOME}/",
}


class Session:
    """Asks the site's interface behind its home page."""

    def __init__(self, sheet: Sheet, wire: Wire) -> None:
        self._sheet = sheet
        self._wire = wire

    def open(self) -> None:
        """Get the cookies; raises Unanswered when the home page is not the exchange's own."""
        page = self._wire.get(HOME, name="home", headers=HEADERS).body
        whole = page.count(b"<html") == 1 and b"</html>" in page and b"\0" not in page
        whole = whole and b"<!ENTITY" not in page
        if not whole or MARK not in page:
            raise self._dead("did not give its home page")

    def get(self, path: str, name: str, params: Mapping[str, str] | None = None) -> Raw:
        """Return an answer of the interface; raises Unanswered."""
        raw = self._wire.get(f"{HOME}/api/{path}", name=name, params=params, headers=HEADERS)
        if raw.body.lstrip().startswith(b"<"):
            raise self._dead("gave a page in the place of data")
        return raw

    def _dead(self, says: str) -> Unanswered:
        return Unanswered(
            f"{self._sheet.title} {says}: the session is dead",
            provider=self._sheet.name,
            cause=Cause.AUTH,
            value=HOME,
            remedy="Open the site in a browser on this machine; it may refuse programs or places.",
        )
