import pytest
from rest_framework.test import APIClient

from tests.problems import pointed, problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.views")]


@pytest.fixture
def client() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/fails/bug", 500, "internal_error"),
        ("/outside", 500, "internal_error"),
        ("/suspicious", 400, "bad_request"),
        ("/fails/forbidden", 403, "permission_denied"),
        ("/fails/throttled", 429, "throttled"),
        ("/fails/database-away", 503, "unavailable"),
        ("/fails/pool-empty", 503, "unavailable"),
        ("/fails/with-facts", 409, "not_now"),
        ("/fails/nested", 400, "invalid"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_every_kind_of_error_is_a_whole_problem_that_keeps_our_secrets(
    path: str, status: int, code: str, client: APIClient
) -> None:
    response = client.get(path)

    problem = problem_of(response, status, code)
    assert problem["instance"] == path
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(
    ("path", "seconds"), [("throttled", "4"), ("database-away", "2"), ("pool-empty", "2"), ("with-facts", "9")]
)
def test_what_may_be_tried_again_says_when(path: str, seconds: str, client: APIClient) -> None:
    assert client.get(f"/fails/{path}")["Retry-After"] == seconds


def test_the_facts_of_a_problem_stand_among_its_members(client: APIClient) -> None:
    problem = problem_of(client.get("/fails/with-facts"), 409, "not_now")

    assert problem["allowed_transitions"] == ["cancelled"]
    assert "errors" not in problem


def test_errors_point_into_lists_and_objects_and_escape_names(client: APIClient) -> None:
    problem = problem_of(client.get("/fails/nested"), 400, "invalid")

    assert [error["pointer"] for error in problem["errors"]] == ["/a/1/b", "/a/1/b", "/c~0~1d"]


def test_an_error_of_the_whole_body_points_to_all_of_it(client: APIClient) -> None:
    assert pointed(problem_of(client.get("/fails/plain"), 400, "invalid")) == {"": "invalid"}


def test_the_instance_is_an_address_whatever_was_asked_for(client: APIClient) -> None:
    problem = problem_of(client.get("/nowhere/%C2%9F%20%22%5E"), 404, "not_found")

    assert problem["instance"] == "/nowhere/%C2%9F%20%22%5E"


@pytest.mark.urls("shop.urls")
def test_a_host_that_we_are_not_is_answered_with_a_problem(client: APIClient) -> None:
    problem_of(client.get("/api/v1/orders", headers={"Host": "evil.example.com"}), 400, "bad_request")
