"""What orchestrators ask: they get plain answers, and never more than they may know."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

TOKEN = "known to who scrapes"


def test_a_process_that_answers_is_alive_whatever_the_database_does(anonymous: APIClient) -> None:
    with connection.execute_wrapper(lambda *_: pytest.fail("the database was asked")):
        answer = anonymous.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"alive\n")


def test_with_all_migrations_it_is_ready_though_no_worker_runs(anonymous: APIClient) -> None:
    answer = anonymous.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")


def test_it_is_not_ready_while_a_migration_is_missing(anonymous: APIClient) -> None:
    MigrationRecorder(connection).record_unapplied("bus", "0001_initial")

    answer = anonymous.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"1 migrations are missing\n")


def test_migrations_of_newer_code_do_not_trouble_it(anonymous: APIClient) -> None:
    MigrationRecorder(connection).record_applied("bus", "0999_from_the_future")

    assert anonymous.get("/readyz").status_code == 200


def test_probes_are_answered_by_any_name_and_are_no_news(
    anonymous: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    answer = anonymous.get("/livez", headers={"Host": "10.1.2.3:8000"})

    assert answer.status_code == 200
    assert not caplog.records


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN, "Basic a2V5", "Bearer \xff"])
def test_without_its_token_there_are_no_metrics(anonymous: APIClient, settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = anonymous.get("/metrics", headers={"Authorization": given})

    assert (answer.status_code, answer.content) == (404, b"not here\n")


def test_where_no_token_is_set_nobody_has_it(anonymous: APIClient, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert anonymous.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_token_opens_metrics_in_the_format_of_prometheus(anonymous: APIClient, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = anonymous.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer["Content-Type"].startswith("text/plain; version=")
    assert {family.name for family in text_string_to_metric_families(answer.content.decode())} >= {
        *("shop_requests", "shop_request_seconds", "shop_due", "shop_due_age_seconds", "shop_handled", "shop_failed"),
        *("shop_dead_letters", "shop_redis_circuit_open", "shop_database_up"),
    }
