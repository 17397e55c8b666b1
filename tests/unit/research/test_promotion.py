"""Promotion: who may ask, what is refused and in which words, and what is kept for ever."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fondaco.core.capability import Caller
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.core.instrument import Origin
from fondaco.core.text import plain
from fondaco.research.fakes import (
    MemoryEvidence,
    MemoryPromotions,
    MemoryStrategies,
    MemoryTrials,
)
from fondaco.research.promotion import Ledgers, case_for, code_now, promote
from fondaco.research.promotion_views import view_promoted, view_promotions
from fondaco.research.strategies.momentum import momentum
from fondaco.research.strategies.strategy import code_hash
from fondaco.research.strategies.user import unopened
from fondaco.research.trial_capabilities import promote_strategy, show_promotions
from fondaco.research.trial_ledger import Evidence, Kind, PaperRecord, Stage, Trial
from unit.research.trial_scene import AT, YEAR, evidence_of, noise, trial_of

ADA = Caller(actor="ada", surface="cli", person=True)
AGENT = Caller(actor="agent", surface="mcp", person=False)
CODE = code_hash(momentum())
REASON = "The client wants to see it trade on paper."


class FixedPapers:
    """A paper record that is what it is told to be; `asked` notes for whom and since when."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        returns = 0.01 * (rng.standard_normal(100) + 0.2)
        self.record = PaperRecord(100, 40, 3.0, tuple(returns.tolist()), 1.0)
        self.asked: list[tuple[str, datetime]] = []

    def of(self, strategy: str, since: datetime) -> PaperRecord:
        self.asked.append((strategy, since))
        return self.record


class Desk:
    """A desk with evidence of a strategy whose true ratio is 3 a year, or less by `edge`."""

    def __init__(self, edge: float = 0.19, **changes: Any) -> None:
        self.clock = SteppedClock(AT)
        self.papers = FixedPapers()
        self.files: dict[str, Any] = {}
        whole = noise(1, 5 * YEAR)[:, 0] + 0.01 * edge
        self.searched = self.made(whole[:-300], "searched", kind=Kind.VALIDATE)
        self.kept = self.made(whole[-300:], "kept", first=len(whole) - 300, kind=Kind.HOLDOUT)
        self.ledgers = Ledgers(
            trials=MemoryTrials(),
            evidence=MemoryEvidence(),
            promotions=MemoryPromotions(),
            papers=self.papers,
            strategies=MemoryStrategies(self.files),
            clock=self.clock,
        )
        self.ledgers.trials.add(self.searched)
        self.ledgers.trials.add(self.kept)
        self.evidence = self.keep(**changes)

    def made(self, returns: Any, name: str, **changes: Any) -> Trial:
        given = {"code": CODE, "parameters": dict(momentum().parameters)}
        return trial_of(returns, name, **(given | changes))

    def keep(self, **changes: Any) -> Evidence:
        found = replace(evidence_of(self.searched, holdout=self.kept.content), **changes)
        name = self.ledgers.evidence.add(replace(found, key=str(changes)))
        return self.ledgers.evidence.get(name)

    def ask(self, to: Stage = Stage.PAPER, caller: Caller = ADA, override: str = "") -> Any:
        return promote(self.ledgers, caller, self.evidence.id, to, override)

    @property
    def kept_promotions(self) -> list[tuple[str, Stage, str]]:
        found = self.ledgers.promotions.list()
        return [(one.id, one.stage, one.override) for one in found]


def test_what_the_gate_lets_pass_is_kept_with_its_conditions_whoever_asks() -> None:
    desk = Desk()
    promotion = desk.ask(caller=AGENT)
    assert (promotion.id, promotion.stage, promotion.override) == ("PR-1", Stage.PAPER, "")
    assert (promotion.author, promotion.surface, promotion.at) == ("agent", "mcp", AT)
    assert (promotion.code, promotion.evidence) == (CODE, "EV-1")
    assert len(promotion.conditions) == 10
    assert all(condition.met for condition in promotion.conditions)
    assert desk.ledgers.promotions.current() == (promotion,)
    drawn = plain(view_promoted(promotion))
    assert "momentum: paper" in drawn
    assert "[PASS] by the gate, 10 conditions met" in drawn


def test_a_refusal_lists_every_unmet_condition_with_value_bound_and_remedy() -> None:
    desk = Desk(edge=0.0, costs_dated=None, proof=None)
    with pytest.raises(Refused) as caught:
        desk.ask()
    said = str(caught.value)
    unmet = [c for c in case_conditions(desk) if not c.met]
    assert {"look-ahead proof", "cost model", "deflated Sharpe ratio, family"} <= {
        c.name for c in unmet
    }
    for condition in unmet:
        assert (
            f"\n  {condition.name}: {condition.value}; needed: {condition.bound}. "
            f"{condition.remedy}".rstrip(".")
            in said
        )
    assert f"momentum may not be on paper on EV-1: {len(unmet)} conditions of 10 not met" in said
    assert "--override" in said
    assert desk.kept_promotions == []


def case_conditions(desk: Desk) -> Any:
    from fondaco.research.gate import judge

    return judge(case_for(desk.ledgers, desk.evidence), Stage.PAPER)


def test_a_person_may_override_for_paper_and_it_stands_beside_it_for_ever() -> None:
    desk = Desk(edge=0.0)
    promotion = desk.ask(override=f"  {REASON} ")
    assert promotion.override == REASON
    assert any(not condition.met for condition in promotion.conditions)
    desk.ask(Stage.CANDIDATE)
    sheet = show_promotions(desk.ledgers.promotions, strategy="momentum")
    drawn = plain(view_promotions(sheet))
    assert "WITHDRAWN" in drawn
    assert REASON in drawn
    assert "OVERRIDE" in drawn
    now = plain(view_promoted(promotion))
    assert f'by an override of ada on 2019-06-28, not by the gate: "{REASON}"' in now


def test_no_agent_overrides_and_no_agent_makes_live_or_withdraws() -> None:
    desk = Desk(edge=0.0)
    for to, override, words in (
        (Stage.PAPER, REASON, "only a person may override the gate"),
        (Stage.LIVE, "", "only a person may make momentum live"),
        (Stage.CANDIDATE, "", "only a person may make momentum candidate"),
    ):
        with pytest.raises(Refused, match=words):
            desk.ask(to, AGENT, override)
    assert desk.kept_promotions == []


def test_an_override_for_live_is_refused_whoever_asks() -> None:
    desk = Desk()
    desk.ask()
    with pytest.raises(Refused, match="overridden for paper only, whoever asks"):
        desk.ask(Stage.LIVE, override=REASON)
    with pytest.raises(Refused, match="overridden for paper only"):
        desk.ask(Stage.CANDIDATE, override=REASON)
    assert len(desk.kept_promotions) == 1


def test_an_override_that_is_not_needed_is_not_kept() -> None:
    assert Desk().ask(override=REASON).override == ""


@pytest.mark.parametrize("reason", ["too short", "x" * 501, " " * 9 + "short"])
def test_a_reason_that_says_nothing_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInput, match="10 to 500 characters"):
        Desk(edge=0.0).ask(override=reason)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": Origin.SIMULATED}, "data: simulated"),
        ({"code": "0" * 64}, "code unchanged: "),
    ],
)
def test_no_reason_outweighs_simulated_prices_or_other_code(
    changes: dict[str, Any], words: str
) -> None:
    desk = Desk(edge=0.0, **changes)
    with pytest.raises(Refused, match="1 condition of 10 cannot be overridden") as caught:
        desk.ask(override=REASON)
    assert words in str(caught.value)
    assert "No override is possible" in str(caught.value)
    assert desk.kept_promotions == []


def test_evidence_that_rests_on_another_strategys_trials_is_refused() -> None:
    desk = Desk()
    other = desk.made(noise(1, 5 * YEAR)[:-300, 0] + 0.0019, "other", strategy="other")
    desk.ledgers.trials.add(other)
    desk.evidence = desk.keep(trial=other.content)
    with pytest.raises(Refused, match="of another strategy or code"):
        desk.ask(override=REASON)


def test_later_trials_of_the_family_are_paid_for_when_it_is_asked() -> None:
    desk = Desk(edge=0.13)
    assert all(condition.met for condition in case_conditions(desk))
    for number, column in enumerate(noise(5, 1_000, 40).T):
        desk.ledgers.trials.add(desk.made(column, f"later {number}"))
    with pytest.raises(Refused, match=r"family: .* over its family's 42 trials"):
        desk.ask()


def test_a_trial_that_had_touched_the_span_kept_back_is_seen_by_its_returns() -> None:
    desk = Desk()
    before = AT - timedelta(1)
    sneaked = replace(
        desk.kept, content="a" * 64, strategy="sneaky.py", family="sneaky.py", at=before
    )
    desk.ledgers.trials.add(replace(sneaked, content="b" * 64, at=AT + timedelta(1)))
    assert all(condition.met for condition in case_conditions(desk))
    desk.ledgers.trials.add(sneaked)
    with pytest.raises(Refused, match="reached into by 1 earlier: aaaaaaaaaaaa"):
        desk.ask()


def test_live_counts_from_when_it_came_to_paper_as_it_is() -> None:
    desk = Desk()
    first = desk.ask()
    desk.clock.advance(timedelta(30))
    desk.ask()
    desk.clock.advance(timedelta(200))
    live = desk.ask(Stage.LIVE)
    assert desk.papers.asked == [("momentum", first.at)]
    assert len(live.conditions) == 14
    assert live.stage is Stage.LIVE


def test_live_is_refused_off_paper_and_on_an_override() -> None:
    desk = Desk()
    with pytest.raises(Refused, match="stands on paper: it does not stand on paper") as caught:
        desk.ask(Stage.LIVE)
    assert "No override is possible" in str(caught.value)
    assert desk.papers.asked == []
    weak = Desk(edge=0.0)
    weak.ask(override=REASON)
    with pytest.raises(Refused, match="by PR-1, an override of ada"):
        weak.ask(Stage.LIVE)
    assert weak.papers.asked == []


def test_a_person_withdraws_what_stands_and_nothing_else() -> None:
    desk = Desk()
    with pytest.raises(Conflict, match="stands nowhere"):
        desk.ask(Stage.CANDIDATE)
    desk.ask()
    withdrawn = desk.ask(Stage.CANDIDATE)
    assert (withdrawn.stage, withdrawn.conditions) == (Stage.CANDIDATE, ())
    with pytest.raises(Conflict, match="stands nowhere"):
        desk.ask(Stage.CANDIDATE)


def test_evidence_that_is_not_there_is_not_found() -> None:
    desk = Desk()
    with pytest.raises(NotFound):
        promote(desk.ledgers, ADA, "EV-9", Stage.PAPER)


def test_the_code_of_a_file_is_read_and_not_run_and_a_file_that_is_gone_is_told() -> None:
    desk = Desk()
    evidence = replace(desk.evidence, strategy="mine.py", parameters={"n": 3})
    desk.files["mine.py"] = None
    strategies = MemoryStrategies({"mine.py": None})  # type: ignore[dict-item]
    wanted = code_hash(unopened("mine.py", "# mine.py", {"n": 5}))
    assert code_now(strategies, evidence) == wanted
    with pytest.raises(NotFound):
        code_now(MemoryStrategies({}), evidence)
    gone = replace(desk.evidence, strategy="gone.py")
    assert case_for(desk.ledgers, gone).code_now is None


def test_the_capability_asks_the_same_gate() -> None:
    desk = Desk()
    app = SimpleNamespace(**{name: getattr(desk.ledgers, name) for name in Ledgers.__slots__})
    needs = (app.trials, app.evidence, app.promotions, app.papers, app.strategies, app.clock)
    promotion = promote_strategy(*needs, AGENT, evidence_="EV-1", to=Stage.PAPER)
    sheet = show_promotions(app.promotions)
    assert sheet.current == sheet.rows == (promotion,)
    assert show_promotions(app.promotions, strategy="other").rows == ()
    assert "Nothing was promoted yet" in plain(
        view_promotions(show_promotions(app.promotions, strategy="other"))
    )
