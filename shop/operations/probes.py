"""What machines ask: whether this process lives, whether it may be sent requests, and how things are going.

They ask often, by addresses and host names of their own. So they are answered before anything else: no session, no
limit, no line in the log, and no look at the Host header.
"""

from collections.abc import Callable
from hmac import compare_digest

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg_pool import PoolTimeout

from shop.operations import metrics

Ask = Callable[[HttpRequest], HttpResponse]

_wanted: set[tuple[str, str]] = set()


def answer_probes(get_response: Ask) -> Ask:
    """Middleware, the first of all."""

    def handle(request: HttpRequest) -> HttpResponse:
        probe = _PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return handle


def livez(_request: HttpRequest) -> HttpResponse:
    """This process answers. Whether others do is not asked: starting this one again would not help them."""
    return _plain("alive")


def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration that this code knows. Workers are not asked for: orders can wait."""
    try:
        missing = _missing_migrations()
    except (Error, PoolTimeout):
        return _plain("the database does not answer", status=503)
    if missing:
        return _plain(f"{len(missing)} migrations are missing", status=503)
    return _plain("ready")


def scrape(request: HttpRequest) -> HttpResponse:
    """All figures in Prometheus' text format, for whoever has the token; where there is none, for nobody."""
    if not _may_scrape(request):
        return _plain("not here", status=404)
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST)


_PROBES: dict[str, Ask] = {"/livez": livez, "/readyz": readyz, "/metrics": scrape}


def _may_scrape(request: HttpRequest) -> bool:
    if settings.DEVELOPMENT:  # the embedded stack, which only this machine can reach
        return True
    given = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())


def _missing_migrations() -> set[tuple[str, str]]:
    if not _wanted:  # reading them from disk takes a while, and they stay the same as long as the process lives
        loader = MigrationLoader(None, load=False)
        loader.load_disk()
        _wanted.update(loader.disk_migrations or ())
    return _wanted - MigrationRecorder(connection).applied_migrations().keys()


def _plain(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
