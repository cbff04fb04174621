"""The line of a request."""

import logging

import pytest
from rest_framework.test import APIClient


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="shop.api.access")
    return caplog


def _facts(lines: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [{**vars(record)["facts"], "ms": 0} for record in lines.records if record.name == "shop.api.access"]


def test_a_request_is_told_in_one_line_without_its_query(api: APIClient, lines: pytest.LogCaptureFixture) -> None:
    api.get("/api/v1/orders?token=secret")

    assert _facts(lines) == [{"method": "GET", "path": "/api/v1/orders", "status": 400, "ms": 0}]
    assert lines.messages[0].startswith("GET /api/v1/orders 400 in ")


@pytest.mark.django_db
def test_a_path_cannot_forge_a_line(anonymous: APIClient, lines: pytest.LogCaptureFixture) -> None:
    anonymous.get("/a%0A{}%1B[31m%20b")

    (line,) = [message for message in lines.messages if message.startswith("GET")]
    assert line.startswith("GET /a%0A%7B%7D%1B%5B31m%20b 404 in ")


@pytest.mark.django_db
def test_what_never_gets_to_a_view_is_told_as_well(anonymous: APIClient, lines: pytest.LogCaptureFixture) -> None:
    anonymous.post("/api/v1/orders", headers={"Transfer-Encoding": "chunked"})
    anonymous.get("/", headers={"Host": "elsewhere.example.com"})

    assert [facts["status"] for facts in _facts(lines)] == [411, 400]
