"""What Prometheus reads: requests as the web processes counted them, and what waits, by the database."""

from collections.abc import Iterator, Sequence

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from portal.installation.holding import reason_held
from portal.installation.models import SignOfLife
from portal.logs.counting import counts
from portal.outbox.models import Mail
from portal.watching.work import Waiting


def exposition(work: Sequence[Waiting]) -> bytes:
    """All that is measured, in Prometheus' text format, with what waits."""
    registry = CollectorRegistry()
    registry.register(_Installation(work))
    return counts() + generate_latest(registry)


class _Installation(Collector):
    def __init__(self, work: Sequence[Waiting]) -> None:
        self._work = work

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _parts()
        yield from _waiting(self._work)
        looked_at = GaugeMetricFamily("portal_mails_to_look_at", "E-mails that staff must settle.")
        looked_at.add_metric([], Mail.objects.to_look_at().count())
        yield looked_at
        held = GaugeMetricFamily("portal_held_back", "1 while nothing goes out, after a restore.")
        held.add_metric([], bool(reason_held()))
        yield held


def _parts() -> Iterator[GaugeMetricFamily]:
    """The clock, the workers, the broker, the mail server: each once it has been heard of."""
    now = timezone.now()
    silent = GaugeMetricFamily(
        "portal_part_silent_seconds", "Since a part was last seen to work.", labels=["part"]
    )
    failing = GaugeMetricFamily("portal_part_failing", "1 while a part fails when asked.", labels=["part"])
    for sign in SignOfLife.objects.all():
        if sign.at:
            silent.add_metric([sign.part], (now - sign.at).total_seconds())
        failing.add_metric([sign.part], sign.failing_since is not None)
    yield silent
    yield failing


def _waiting(work: Sequence[Waiting]) -> Iterator[GaugeMetricFamily]:
    count = GaugeMetricFamily("portal_work_waiting", "Work that no worker does, by kind.", labels=["kind"])
    oldest = GaugeMetricFamily(
        "portal_work_oldest_seconds", "For how long the oldest of it has waited.", labels=["kind"]
    )
    for one in work:
        count.add_metric([one.kind], one.count)
        oldest.add_metric([one.kind], one.oldest.total_seconds())
    yield count
    yield oldest
