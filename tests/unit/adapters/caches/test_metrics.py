"""The feed's figures as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from fondaco.adapters.caches.metrics import metrics_text
from unit.market.feed.toy import Toy, quote, want


def test_the_text_is_read_by_prometheus_and_says_what_the_report_says() -> None:
    toy = Toy({"first": {"AAA": quote(1.0)}})
    for _ in range(3):
        toy.feed.ask(want("AAA"))
    toy.wait(10)
    toy.feed.ask(want("AAA", "ZZZ"), partly=True)
    families = list(text_string_to_metric_families(metrics_text(toy.feed.report())))
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }
    kind = ("kind", "quotes")
    assert values["fondaco_feed_parts_total", kind, ("tier", "provider")] == 1
    assert values["fondaco_feed_parts_total", kind, ("tier", "memory")] == 3
    assert values["fondaco_feed_parts_total", kind, ("tier", "unknown")] == 1
    assert values["fondaco_feed_stale_parts_total", kind] == 1
    assert values["fondaco_feed_hit_rate", kind] == 3 / 5
    assert values["fondaco_feed_ask_seconds_count", kind] == 4
    assert values["fondaco_feed_ask_seconds_bucket", kind, ("le", "+Inf")] == 4
    assert values["fondaco_feed_cache_entries",] == 1
    assert values["fondaco_feed_due",] == 1


def test_a_feed_that_was_not_asked_yet_has_a_text_too() -> None:
    text = metrics_text(Toy({"first": {}}).feed.report())
    assert "fondaco_feed_cache_bytes 0.0" in text
