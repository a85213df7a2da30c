"""How many requests were answered, and how quickly: as this process counted, or all of them together."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from portal.logs.processes import count_together

_own = CollectorRegistry()
_requests = Counter(
    "portal_requests",
    "Requests answered, by the name of the page.",
    ["page", "method", "status"],
    registry=_own,
)
_seconds = Histogram(
    "portal_request_seconds",
    "Seconds until a page was answered.",
    ["page"],
    registry=_own,
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30),
)


def count_request(page: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered; `page` is the name of its address, never the address itself."""
    _requests.labels(page, method, str(status)).inc()
    _seconds.labels(page).observe(seconds)


def counts() -> bytes:
    """What was counted, in Prometheus' text format."""
    if not count_together():
        return generate_latest(_own)
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
    return generate_latest(of_all)
