"""One line for each request: what was asked, what was answered, and how long that took."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

log = logging.getLogger(__name__)


def access_line(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: tell of each request once it is answered. The query is left out: it may hold what nobody should read.

    It stands within the request's context, so that the line has its id and its actor.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        ms = round((time.perf_counter() - began) * 1000, 1)
        facts = {"method": request.method, "path": escape_uri_path(request.path), "status": response.status_code}
        log.info("%s %s %s in %s ms", *facts.values(), ms, extra={"facts": facts | {"ms": ms}})
        return response

    return handle
