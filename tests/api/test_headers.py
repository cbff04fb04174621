"""What every answer carries for browsers and proxies."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.shopping import place

pytestmark = pytest.mark.django_db

_SHOP = "https://shop.example.com"


@pytest.fixture
def allowed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [_SHOP]


@pytest.mark.parametrize("path", ["/", "/api/v1/orders", "/nowhere"])
def test_every_answer_is_what_it_says_and_frames_nowhere(path: str) -> None:
    answer = APIClient().get(path)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_browsers_are_told_to_insist_on_tls_where_there_is_tls() -> None:
    assert "max-age=31536000" in APIClient().get("/", secure=True)["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in APIClient().get("/")


def test_what_belongs_to_somebody_is_kept_by_nobody(api: APIClient, ada: Any, mugs: object) -> None:
    order = place(ada, {"MUG-BLUE": 1})

    assert api.get(f"/api/v1/orders/{order.pk}")["Cache-Control"] == "no-store"
    assert api.get(f"/api/v1/orders/{order.pk}/events")["Cache-Control"] == "no-store"
    assert APIClient().get(f"/api/v1/orders/{order.pk}")["Cache-Control"] == "no-store"


def test_a_site_that_is_allowed_may_send_and_read_what_the_contract_needs(allowed: None) -> None:
    asks = {"Origin": _SHOP, "Access-Control-Request-Method": "POST"}
    asks["Access-Control-Request-Headers"] = "authorization, idempotency-key, if-match, traceparent"

    preflight = APIClient().options("/api/v1/orders", headers=asks)

    assert preflight.status_code == 200
    assert preflight["Access-Control-Allow-Origin"] == _SHOP
    assert {"idempotency-key", "if-match"} <= set(preflight["Access-Control-Allow-Headers"].split(", "))
    exposed = APIClient().get("/api/v1/orders", headers={"Origin": _SHOP})["Access-Control-Expose-Headers"]
    assert {"ETag", "RateLimit", "X-Request-Id"} <= set(exposed.split(", "))


def test_any_other_site_may_read_nothing(allowed: None) -> None:
    answer = APIClient().get("/api/v1/orders", headers={"Origin": "https://evil.example.com"})

    assert "Access-Control-Allow-Origin" not in answer
