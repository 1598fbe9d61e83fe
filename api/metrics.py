"""What a monitor asks for: figures of the house and of the requests, as Prometheus reads them; no personal data."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ApiProblem
from confirmations.overview import counts as message_counts
from database.engine import DatabaseBrokenError, DatabaseUnreachableError, reading
from documents import summaries
from environment.settings import get_settings
from integrity.readiness import OK, PartsWatch, ReadinessCheck

router = APIRouter(include_in_schema=False)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""What a proxy says of who asked: that was not this machine, though the proxy is on it."""


class RequestMeter:
    """Measures each answer by method, route and status; a route is told without what a visitor put into it."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self.app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure from the head of the request to the end of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._seconds.labels(method, _route(scope), str(status)).observe(time.perf_counter() - begun)


def new_registry(parts: PartsWatch) -> tuple[CollectorRegistry, Histogram]:
    """The figures of one application, and where its requests are measured."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_House(parts))
    seconds = Histogram(
        "ebok_http_request_seconds",
        "How long answers took, by route and status",
        ("method", "route", "status"),
        registry=registry,
        buckets=_BUCKETS,
    )
    return registry, seconds


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """All figures, for this machine itself or who has the token; others find nothing here."""
    if not _may(request):
        raise ApiProblem(404)
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _House(Collector):
    """What the register and the machine say at the moment when they are asked."""

    def __init__(self, parts: PartsWatch) -> None:
        self._parts = parts

    def describe(self) -> list[Metric]:
        """Nothing is asked before somebody wants to know."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures; those of a database that is away are left out."""
        yield InfoMetricFamily("ebok", "The program", {"version": version("ebok")})
        look = ReadinessCheck()
        ready = GaugeMetricFamily("ebok_ready", "Whether a part works, as /readyz tells", labels=["part"])
        for part, told in self._parts.parts(look=look).items():
            ready.add_metric([part], told == OK)
        yield ready
        free = GaugeMetricFamily(
            "ebok_free_bytes", "Free room, by the setting whose folder lies there", labels=["place"]
        )
        for place, number in look.free.items():
            free.add_metric([place], number)
        yield free
        if look.database[0] != OK:
            return
        try:
            yield from _of_register(look)
        except (DatabaseUnreachableError, DatabaseBrokenError):
            return


def _of_register(look: ReadinessCheck) -> Iterator[Metric]:
    with reading() as session:
        documents, messages = summaries.counts(session), message_counts(session)
    late, (alive, sign) = look.late, look.sweep
    yield _by_state("ebok_documents", "Documents by state", documents["by_state"])
    yield _by_state("ebok_messages", "Messages by state", messages["by_state"])
    yield GaugeMetricFamily("ebok_documents_stuck", "Documents that a person must free", documents["stuck_total"])
    yield GaugeMetricFamily("ebok_messages_not_leaving", "Messages that should have left", late[0] if late else 0)
    oldest: dict[str, str] = documents["oldest_waiting"] or {}
    yield GaugeMetricFamily("ebok_sweep_alive", "Whether a sweep lives", alive)
    waits, unsent = _moment(oldest.get("since")), _moment(messages["waiting_since"])
    for name, told, moment in (
        ("ebok_last_sweep", "The last sign of life of a sweep", sign),
        ("ebok_oldest_waiting", "When the document came that waits the longest", waits),
        ("ebok_oldest_message", "When the oldest message was written that waits", unsent),
    ):
        if moment is not None:
            yield GaugeMetricFamily(f"{name}_timestamp_seconds", told, moment.timestamp())


def _by_state(name: str, told: str, numbers: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=["state"])
    for state, number in numbers.items():
        family.add_metric([state], number)
    return family


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _route(scope: Scope) -> str:
    """The address as the application knows it; files have none of their own."""
    if scope["path"].startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", "unknown"))


def _may(request: Request) -> bool:
    token = get_settings().metrics_token
    if token is not None:
        told = request.headers.get("authorization", "")
        return hmac.compare_digest(told.encode(), f"Bearer {token.get_secret_value()}".encode())
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
