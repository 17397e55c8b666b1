"""What the feed's caches are worth, as Prometheus reads it: a registry of its own."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from fondaco.market.feed.analytics import BUCKETS, KindFigures
from fondaco.market.feed.feed import Report

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(report: Report) -> str:
    """Return a report in the Prometheus text format, to be served as `CONTENT_TYPE`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FeedCollector(lambda: report))
    return generate_latest(registry).decode()


class FeedCollector(Collector):
    """Turns a report into metrics each time it is asked; counts nothing itself."""

    def __init__(self, report: Callable[[], Report]) -> None:
        self._report = report

    def collect(self) -> Iterable[Metric]:
        """Return the metrics of the report as it is now."""
        report = self._report()
        yield from _asks(report.kinds)
        yield _seconds(report.kinds)
        yield from _quantiles(report.kinds)
        yield from _room(report)


def _asks(kinds: tuple[KindFigures, ...]) -> Iterator[Metric]:
    parts = CounterMetricFamily(
        "fondaco_feed_parts", "Symbols answered, by kind and tier", labels=("kind", "tier")
    )
    stale = CounterMetricFamily(
        "fondaco_feed_stale_parts", "Symbols answered with the label stale", labels=("kind",)
    )
    for one in kinds:
        for tier, count in sorted(one.hits.items()):
            parts.add_metric((one.kind, tier.value), count)
        parts.add_metric((one.kind, "provider"), one.fetched)
        parts.add_metric((one.kind, "unknown"), one.failed)
        stale.add_metric((one.kind,), one.stale)
    yield parts
    yield stale


def _seconds(kinds: tuple[KindFigures, ...]) -> Metric:
    seconds = HistogramMetricFamily(
        "fondaco_feed_ask_seconds", "How long an ask took", labels=("kind",)
    )
    for one in kinds:
        below, buckets = 0, []
        for bound, count in zip([*map(str, BUCKETS), "+Inf"], one.buckets, strict=True):
            below += count
            buckets.append((bound, float(below)))
        seconds.add_metric((one.kind,), buckets, one.seconds)
    return seconds


def _quantiles(kinds: tuple[KindFigures, ...]) -> Iterator[Metric]:
    rate = GaugeMetricFamily(
        "fondaco_feed_hit_rate", "Share of symbols that needed no source", labels=("kind",)
    )
    recent = GaugeMetricFamily(
        "fondaco_feed_recent_seconds",
        "Percentiles of the latest asks",
        labels=("kind", "quantile"),
    )
    waste = GaugeMetricFamily(
        "fondaco_feed_waste", "Share of entries pushed out without one use", labels=("kind",)
    )
    for one in kinds:
        rate.add_metric((one.kind,), one.hit_rate)
        waste.add_metric((one.kind,), one.waste)
        for quantile, value in (("0.5", one.p50), ("0.95", one.p95), ("0.99", one.p99)):
            recent.add_metric((one.kind, quantile), value)
    yield from (rate, recent, waste)


def _room(report: Report) -> Iterator[Metric]:
    room = report.room
    figures = (
        ("fondaco_feed_cache_bytes", "Bytes held in memory", room.bytes_held),
        ("fondaco_feed_cache_bytes_max", "Bytes that may be held", room.bytes_max),
        ("fondaco_feed_cache_entries", "Entries held in memory", room.entries),
        ("fondaco_feed_due", "Things given stale that wait to be fetched", report.due),
    )
    for name, says, value in figures:
        yield GaugeMetricFamily(name, says, value=value)
    yield CounterMetricFamily(
        "fondaco_feed_shared_faults", "Failures of the shared cache", value=report.shared_faults
    )
