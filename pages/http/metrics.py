"""GET /api/metrics: what a Prometheus server asks for."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from deeptrace_core.errors import StoreUnavailableError
from pages.http import access
from pages.shared import backend

REGISTRY = CollectorRegistry()
ANSWERS = Counter(
    "deeptrace_http_answers", "Answers of the HTTP routes.", ["method", "status"], registry=REGISTRY
)
UPLOADED_BYTES = Counter("deeptrace_uploaded_bytes", "Bytes of files that were sent here.", registry=REGISTRY)
ProcessCollector(registry=REGISTRY)


class _Queue(Collector):
    """What the database knows, asked at the moment of the scrape."""

    def describe(self) -> list[Metric]:
        return []  # else it would be asked when it is registered

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("deeptrace_database_up", "1 if the database answers.")
        try:
            store = backend.store()
            waiting, workers = store.jobs.queue_depth(), len(store.workers.alive())
        except StoreUnavailableError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("deeptrace_jobs_waiting", "Videos that wait for a worker.", value=waiting)
        yield GaugeMetricFamily("deeptrace_workers_alive", "Workers heard of lately.", value=workers)


REGISTRY.register(_Queue())


def show(request: Request) -> Response:
    """The figures, in Prometheus' text form."""
    access.check(request)
    return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
