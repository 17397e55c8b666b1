"""Who sits at the terminal: sessions of the one person who can read the desk key.

The desk key is a secret file of the data folder (mode 0600): who can read it is the desk's person.
From it come two kinds of signed token, neither of which reveals it:

- a ticket, printed as a link by `fondaco up`: good for a day and for one use;
- a session, kept by the browser in an HttpOnly, SameSite=Strict cookie.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie

from fondaco.core.capability import Caller
from fondaco.core.clock import Clock
from fondaco.core.errors import Refused
from fondaco.core.ids import Ids

COOKIE = "fondaco_session"
KEY_CHARS_MIN = 32
TICKET_SECONDS_MAX = 24 * 3600
SESSION_SECONDS_MAX = 30 * 24 * 3600
TICKETS_USED_MAX = 10_000
TOKEN_CHARS_MAX = 256


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: the token that proves it."""

    token: str


class Access:
    """Opens sessions and checks them. `key` gives the desk key each time it is needed."""

    def __init__(
        self, key: Callable[[], str], clock: Clock, ids: Ids, *, actor: str = "person"
    ) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids
        self._actor = actor
        self._used: dict[str, int] = {}

    def ticket(self) -> str:
        """Return a new ticket for a link: it opens one session, within a day."""
        return self._token("ticket", TICKET_SECONDS_MAX)

    def enter(self, given: str) -> Session:
        """Open a session for a ticket, or for the desk key itself; raises Refused."""
        given = given.strip()
        if not self._is_key(given):
            self._spend(given)
        return Session(self._token("session", SESSION_SECONDS_MAX))

    def session(self, cookies: str) -> Session | None:
        """Return the session that a Cookie header proves, or None."""
        token = _cookie(cookies)
        return Session(token) if self._valid("session", token) else None

    def caller(self, session: Session | None, request_id: str | None = None) -> Caller:
        """Return the person as a caller; raises Refused when the session has ended."""
        if session is None or not self._valid("session", session.token):
            raise Refused(
                "the terminal's session has ended",
                remedy="Open the link that `fondaco up` prints, or enter the desk key.",
            )
        return Caller(actor=self._actor, surface="web", person=True, request_id=request_id)

    def _is_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._secret())

    def _spend(self, ticket: str) -> None:
        if not self._valid("ticket", ticket):
            raise Refused(
                "this link or key does not open the desk",
                remedy="Enter the desk key, or start `fondaco up` again for a new link.",
            )
        if ticket in self._used:
            raise Refused(
                "this link was used before",
                remedy="Enter the desk key, or start `fondaco up` again for a new link.",
            )
        if len(self._used) >= TICKETS_USED_MAX:
            now = self._now()
            self._used = {t: end for t, end in self._used.items() if end > now}
        self._used[ticket] = int(ticket.partition(".")[0])

    def _token(self, purpose: str, seconds: int) -> str:
        head = f"{self._now() + seconds}.{self._ids.new().hex}"
        return f"{head}.{self._sign(purpose, head)}"

    def _valid(self, purpose: str, token: str) -> bool:
        head, _, signature = token.rpartition(".")
        end = head.partition(".")[0]
        if len(token) > TOKEN_CHARS_MAX or not (end.isascii() and end.isdigit()):
            return False
        genuine = hmac.compare_digest(signature.encode(), self._sign(purpose, head).encode())
        return genuine and int(end) > self._now()

    def _sign(self, purpose: str, head: str) -> str:
        return hmac.new(self._secret(), f"{purpose}:{head}".encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        key = self._key().strip()
        if len(key) < KEY_CHARS_MIN:
            raise Refused(
                "the desk key is too short to be safe",
                value=f"{len(key)} characters",
                bound=f"at least {KEY_CHARS_MIN}",
                remedy="Delete the key file; the desk writes a new one at its start.",
            )
        return key.encode()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _cookie(header: str) -> str:
    jar = SimpleCookie()
    try:
        jar.load(header)
    except ValueError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""


def set_cookie(session: Session) -> str:
    """Return the Set-Cookie header that keeps a session in the browser."""
    return (
        f"{COOKIE}={session.token}; Path=/; Max-Age={SESSION_SECONDS_MAX}; "
        "HttpOnly; SameSite=Strict"
    )


def drop_cookie() -> str:
    """Return the Set-Cookie header that ends the browser's session."""
    return f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"


def looks(header: str) -> Mapping[str, str]:
    """Return the look that a person chose, from the Cookie header: `theme` and `colours`."""
    jar = SimpleCookie()
    try:
        jar.load(header)
    except ValueError:
        return {}
    names = {"fondaco_theme": "theme", "fondaco_colours": "colours"}
    return {names[name]: morsel.value for name, morsel in jar.items() if name in names}
