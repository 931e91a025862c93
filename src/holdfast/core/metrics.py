"""Figures for Prometheus: counters and histograms of this installation's processes, gauges read when asked for.

With ``PROMETHEUS_MULTIPROC_DIR`` set (``serve`` does) all processes write to files there, and any of them answers
for all. Labels come from closed sets (route patterns, event names), never from what a visitor typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
Reading = Callable[[], Iterable[tuple[Sequence[str], float]]]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_counters: dict[str, Counter] = {}
_histograms: dict[str, Histogram] = {}
_gauges: dict[str, tuple[str, Sequence[str], Reading]] = {}


def counter(name: str, about: str, labels: Sequence[str] = ()) -> Counter:
    """The counter of this name, made at the first call."""
    if name not in _counters:
        _counters[name] = Counter(name, about, labels, registry=REGISTRY)
    return _counters[name]


def histogram(name: str, about: str, labels: Sequence[str] = ()) -> Histogram:
    """The histogram of seconds of this name, made at the first call."""
    if name not in _histograms:
        _histograms[name] = Histogram(name, about, labels, registry=REGISTRY, buckets=_SECONDS)
    return _histograms[name]


def gauge(name: str, about: str, labels: Sequence[str], read: Reading) -> None:
    """A figure read from the database whenever the page is asked for: ``read`` yields ``(label values, number)``."""
    _gauges[name] = (about, labels, read)


class _Gauges(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, (about, labels, read) in _gauges.items():
            family = GaugeMetricFamily(name, about, labels=labels)
            for values, number in read():
                family.add_metric(values, number)
            yield family


def page() -> bytes:
    """All figures as Prometheus text."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    else:
        shared = REGISTRY
    read = CollectorRegistry()
    read.register(_Gauges())
    return generate_latest(shared) + generate_latest(read)


def empty_directory(directory: Path) -> None:
    """Forget the figures of processes of an earlier start."""
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob("*.db"):
        file.unlink(missing_ok=True)
