"""The sentences about a trade card. No digit stands here: numbers come through fact slots.

Words: `id side symbol account source catalyst catalyst_day as_of_day expires moved_at by reason
fill_day price_day label`; in `evidence`: `name day`; in `verdicts`: `rule rule_id`.
Facts: `quantity reference_price notional weight cost_estimate worst_case fill_quantity fill_price
fee slippage last_price price_move gain`; in `evidence`: `value`; in `verdicts`: `value limit`.
"""

from fondaco.insight.sentences import Template

ORDER = (
    Template(
        "{id} is a proposal to {side} {#quantity} of {symbol} for the account {account}, as "
        "of {as_of_day}."
    ),
    Template(
        "It was sized at a price of {#reference_price}, which makes an order of {#notional}; "
        "the target for {symbol} is {#weight} of equity."
    ),
    Template(
        "The estimated fee is {#cost_estimate}; if all that is bought or sold became "
        "worthless, the loss would be {#worst_case}."
    ),
)
SOURCE = Template("The idea comes from {source}: {catalyst}.")
DATED = Template("What it rests on is dated {catalyst_day}.")
UNDATED = Template("Nothing with a date stands behind it.")
EVIDENCE_NONE = Template("No number was given as evidence.")
EVIDENCE = Template("The {name} was {#value} on {day}.")

VERDICTS = {
    "PASS": Template("The {rule} rule passes: {#value}, and its limit is {#limit}."),
    "FAIL": Template("The {rule} rule fails: {#value}, and its limit is {#limit}."),
    "NOT JUDGED": Template(
        "The {rule} rule was not judged, because an input is missing; approval "
        "needs `--acknowledge {rule_id}`."
    ),
}
PASSES_PLAIN = Template("The {rule} rule passes; `fondaco cards why {id}` shows what it looked at.")
FAILS_PLAIN = Template("The {rule} rule fails; `fondaco cards why {id}` shows what would pass.")
VERDICTS_NONE = Template("No guardrail has judged it.")

STATES = {
    "PROPOSED": (Template("It waits for a person's approval until {expires}."),),
    "BLOCKED": (
        Template(
            "It was blocked by the guardrails and cannot be approved; "
            "`fondaco cards why {id}` shows what would pass."
        ),
    ),
    "REJECTED": (Template("It was rejected by {by} at {moved_at}: {reason}."),),
    "EXPIRED": (Template("It was not used in time and expired at {moved_at}."),),
    "APPROVED": (Template("{by} approved it at {moved_at}; its order has not been sent yet."),),
    "REFUSED": (
        Template("It was approved, but the checks at release refused it at {moved_at}: {reason}."),
    ),
    "SENT": (Template("Its order was sent at {moved_at}; the venue has not answered yet."),),
    "UNKNOWN": (
        Template(
            "Its order was sent and the venue has not said what became of it: it "
            "counts as filled and as open until the venue tells."
        ),
    ),
    "WORKING": (
        Template("Its order is working: the session in which it can be filled is not known yet."),
    ),
    "CANCELLED": (Template("Its order was cancelled at {moved_at}: {reason}."),),
}
FILLED = (
    Template(
        "The order was filled on {fill_day}: {#fill_quantity} at {#fill_price}, with a fee "
        "of {#fee}."
    ),
    Template("Against the reference price it did worse by {#slippage}; below zero means better."),
)
OUTCOME = Template(
    "Since then the price has moved by {#price_move} to {#last_price} on "
    "{price_day}, which is {#gain} for this order after its fee."
)
OUTCOME_AHEAD = Template(
    "What came of it is not known yet: that is measured some sessions after the fill."
)
REPLAY = Template("The card is a replay: market time stands still at {as_of_day}.")
LABEL = Template("Prices: {label}.")
