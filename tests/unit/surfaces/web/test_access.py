from datetime import UTC, datetime, timedelta

import pytest

from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Refused
from fondaco.core.ids import Ids
from fondaco.surfaces.web.access import (
    COOKIE,
    SESSION_SECONDS_MAX,
    TICKET_SECONDS_MAX,
    Access,
    Session,
    drop_cookie,
    looks,
    set_cookie,
)

KEY = "a-desk-key-of-more-than-32-characters"


class Count:
    def __init__(self) -> None:
        self.n = 0

    def __call__(self, size: int) -> bytes:
        self.n += 1
        return self.n.to_bytes(size, "big")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2019, 6, 28, 20, tzinfo=UTC))


@pytest.fixture
def access(clock: SteppedClock) -> Access:
    return Access(lambda: KEY, clock, Ids(clock, Count()))


def test_the_desk_key_opens_a_session_as_often_as_it_is_given(access: Access) -> None:
    one, other = access.enter(KEY), access.enter(f" {KEY}\n")
    assert one != other
    assert access.session(f"{COOKIE}={one.token}") == one


def test_a_ticket_opens_one_session_and_no_more(access: Access) -> None:
    ticket = access.ticket()
    access.enter(ticket)
    with pytest.raises(Refused, match="used before"):
        access.enter(ticket)


def test_a_ticket_ends_with_its_day(access: Access, clock: SteppedClock) -> None:
    ticket = access.ticket()
    clock.advance(timedelta(seconds=TICKET_SECONDS_MAX))
    with pytest.raises(Refused, match="does not open"):
        access.enter(ticket)


def test_a_session_ends_with_its_month(access: Access, clock: SteppedClock) -> None:
    session = access.enter(KEY)
    clock.advance(timedelta(seconds=SESSION_SECONDS_MAX - 1))
    assert access.caller(session).person
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Refused, match="session has ended"):
        access.caller(session)


def test_only_a_session_makes_a_person(access: Access) -> None:
    caller = access.caller(access.enter(KEY), "form-1")
    assert (caller.actor, caller.surface, caller.person, caller.request_id) == (
        "person",
        "web",
        True,
        "form-1",
    )
    with pytest.raises(Refused):
        access.caller(None)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),  # another signature
        lambda t: "9" + t,  # a later end
        lambda t: t.replace(".", "", 1),
        lambda _: "",
        lambda _: "." * 5,
        lambda t: "٣" + t[1:],  # a digit, but not an ASCII one
        lambda t: t * 10,
    ],
)
def test_a_token_that_was_touched_is_worth_nothing(access: Access, spoil) -> None:
    token = access.enter(KEY).token
    assert access.session(f"{COOKIE}={spoil(token)}") is None
    with pytest.raises(Refused):
        access.caller(Session(spoil(token)))


def test_a_ticket_is_no_session_and_a_session_no_ticket(access: Access) -> None:
    assert access.session(f"{COOKIE}={access.ticket()}") is None
    with pytest.raises(Refused):
        access.enter(access.enter(KEY).token)


def test_a_new_key_ends_every_session(clock: SteppedClock) -> None:
    keys = [KEY]
    access = Access(lambda: keys[0], clock, Ids(clock, Count()))
    session = access.enter(KEY)
    keys[0] = "another-key-of-more-than-32-characters"
    assert access.session(f"{COOKIE}={session.token}") is None


def test_a_key_that_is_too_short_opens_nothing(clock: SteppedClock) -> None:
    access = Access(lambda: "", clock, Ids(clock, Count()))
    with pytest.raises(Refused, match="too short"):
        access.enter("")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(access: Access) -> None:
    cookie = set_cookie(access.enter(KEY))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=0" in drop_cookie()


def test_the_look_is_read_from_its_cookies_and_nothing_else() -> None:
    assert looks("fondaco_theme=light; fondaco_colours=colourblind; other=1") == {
        "theme": "light",
        "colours": "colourblind",
    }
    assert looks("") == {}
