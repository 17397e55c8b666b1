"""What is kept of pace and health as JSON, and the tables it is kept in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fondaco.adapters.pace.states import health_json, health_of, spent_json, spent_of
from fondaco.market.errors import Cause
from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import Spent

moments = st.integers(0, 2**56).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
maybe = st.one_of(st.none(), moments)
counts = st.integers(0, 10**9)
healths = st.builds(
    Health,
    st.lists(moments, max_size=4).map(tuple),
    maybe,
    maybe,
    counts,
    counts,
    st.one_of(st.none(), st.sampled_from(list(Cause))),
    st.text(max_size=20),
    counts,
    counts,
    maybe,
    maybe,
)
grains = st.lists(st.tuples(st.integers(0, 2**60), st.integers(1, 999)), max_size=4).map(tuple)


@given(healths, st.builds(Spent, st.dictionaries(st.text(), grains), counts, grains, grains))
def test_states_come_out_of_their_json_as_they_went_in(health: Health, spent: Spent) -> None:
    assert health_of(health_json(health)) == health
    assert spent_of(spent_json(spent)) == spent
