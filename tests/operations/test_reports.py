"""What Sentry is told: what broke, and nothing about whom. A receiver on loopback stands for it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from shop.bus import gather, publish
from shop.bus.models import DeadLetter
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage.events import Cued
from tests.conftest import StartWorker
from tests.processes import Worker, eventually
from tests.receivers import Receiver, receiver

pytest.importorskip("sentry_sdk", reason="the extra `sentry` is not installed")

PERSONAL = ("ada@example.com", "1 Main Street", "sk_live_abcdefghijkl", "a-cookie-of-hers", "10.9.8.7")

_BREAKS = """
import sentry_sdk
from shop.wsgi import application
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

@csrf_exempt
def breaks(request: HttpRequest) -> None:
    street = request.POST["street"]
    raise ValueError(f"ada@example.com lives somewhere, says sk_live_abcdefghijkl")

from shop import urls
urls.urlpatterns.append(path("breaks", breaks))
request = RequestFactory().post(
    "/breaks?email=ada@example.com&q=1+Main+Street", {"street": "1 Main Street"},
    headers={"Authorization": "Bearer sk_live_abcdefghijkl", "Cookie": "session=a-cookie-of-hers"},
    REMOTE_ADDR="10.9.8.7", SERVER_NAME="127.0.0.1",
)
list(application(request.environ, lambda *_: None))
sentry_sdk.flush(5)
"""


@pytest.fixture(scope="module")
def sentry() -> Iterator[Receiver]:
    with receiver() as sentry:
        yield sentry


@pytest.fixture(scope="module")
def worker(sentry: Receiver, start_worker: StartWorker, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    with django_db_blocker.unblock():
        started = start_worker("stage", SENTRY_DSN=_dsn(sentry))
    with started as worker:
        yield worker


def _dsn(sentry: Receiver) -> str:
    return f"http://key@127.0.0.1:{sentry.port}/1"


def _events(sentry: Receiver) -> list[dict[str, Any]]:
    """An envelope has a line of its own, then a head and a body for each item."""
    lines = [json.loads(line) for body in sentry.bodies for line in body.splitlines() if line.startswith(b"{")]
    return [line for line in lines if "exception" in line or "logentry" in line]


def test_a_request_that_breaks_is_reported_without_anything_about_its_person(sentry: Receiver) -> None:
    sentry.bodies.clear()

    subprocess.run(
        [sys.executable, "-c", _BREAKS],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "shop.settings", "SHOP_ROLE": "web", "SENTRY_DSN": _dsn(sentry)},
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
    )

    event, *_ = _events(sentry)
    (broken,) = event["exception"]["values"]
    assert (broken["type"], broken["value"]) == ("ValueError", "*** lives somewhere, says sk_live_***")
    assert event["request"] == {"method": "POST", "url": "http://127.0.0.1/breaks"}
    told = b"".join(sentry.bodies).decode()
    assert [personal for personal in PERSONAL if personal in told] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("workers")
def test_a_dead_letter_is_reported_by_its_worker(sentry: Receiver, worker: Worker) -> None:
    sentry.bodies.clear()

    with gather():
        publish(Cued(scene="ada@example.com", act="break"))

    eventually(DeadLetter.objects.exists, "it has given up")
    eventually(lambda: _events(sentry), "it is reported")
    event, *_ = _events(sentry)
    assert "is a dead letter after" in event["logentry"]["message"]
    assert event["exception"]["values"][-1]["value"] == "*** cannot play"
    assert "ada@example.com" not in b"".join(sentry.bodies).decode()
