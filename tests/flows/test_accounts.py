"""People sign up and log in at the web as it is shipped, while Valkey lives, is dead, or stands still."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from shop.runner import valkey as embedded
from shop.runner.ports import answers, free_ports
from tests.flows import programs
from tests.flows.programs import Program, Web, running
from tests.people import PASSWORD
from tests.processes import eventually
from tests.runner.conftest import fresh_home

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]

_VALKEY_PASSWORD = "only-for-the-accounts"


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def valkey(port: int, folder: Path) -> Iterator[Program]:
    with fresh_home(folder / "home") as home:
        valkey = Program(embedded.server(home, port, _VALKEY_PASSWORD), folder / "valkey.log")
        with running(valkey):
            eventually(lambda: answers(port), "Valkey answers")
            yield valkey


@pytest.fixture(scope="module")
def web(valkey: Program, port: int, django_db_setup: None, folder: Path) -> Iterator[Web]:
    environment = programs.environment(redis=embedded.url(port, _VALKEY_PASSWORD), WORKERS="combined")
    web = Web(folder, environment)
    with running(web), programs.workers(folder, environment):
        yield web


@pytest.fixture
def http(web: Web, port: int) -> Iterator[httpx.Client]:
    """A client that nobody has counted yet."""
    with redis.Redis(port=port, password=_VALKEY_PASSWORD) as counters:
        counters.flushall()
    with httpx.Client(base_url=web.url, timeout=30, trust_env=False) as client:
        yield client


class Person:
    """Somebody with an app, over HTTP."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.email = f"{uuid4()}@example.com"
        self.session: dict[str, str] = {}

    def sign_up(self) -> httpx.Response:
        return self._keep(self._post("/auth/signup", {"email": self.email, "password": PASSWORD}))

    def verify(self) -> httpx.Response:
        return self._keep(self._post("/auth/email/verify", {"key": self._code()}))

    def log_in(self) -> httpx.Response:
        self.session = {}
        return self._keep(self._post("/auth/login", {"email": self.email, "password": PASSWORD}))

    def me(self) -> dict[str, Any]:
        return dict(self.http.get("/api/v1/users/me", headers=self.session).raise_for_status().json())

    def _post(self, path: str, body: dict[str, str]) -> httpx.Response:
        return self.http.post(f"/_allauth/app/v1{path}", json=body, headers=self.session)

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if token := answer.json().get("meta", {}).get("session_token"):
            self.session = {"X-Session-Token": token}
        return answer

    def _code(self) -> str:
        def found() -> str | None:
            mails = self.http.get("/dev/mailbox", params={"format": "json", "to": self.email}).json()["results"]
            codes = re.findall(r"^[B-Z]{4}-[B-Z]{4}$", "\n".join(mail["body"] for mail in mails), re.MULTILINE)
            return codes[0] if codes else None

        code = eventually(found, "a mail with a code arrives", seconds=30)
        assert code is not None
        return code


def _comes_in(http: httpx.Client) -> Person:
    """Somebody signs up, and types in the code from the mail."""
    person = Person(http)
    assert person.sign_up().status_code == 401
    assert person.verify().status_code == 200
    return person


def test_somebody_comes_in_by_the_code_that_a_worker_mails(http: httpx.Client) -> None:
    person = _comes_in(http)

    assert person.me()["email"] == person.email
    assert person.me()["email_verified"]


@pytest.mark.parametrize("misfortune", ["killed", "frozen"])
def test_people_sign_up_and_log_in_without_valkey_and_get_their_codes_once_it_is_back(
    misfortune: str, valkey: Program, port: int, http: httpx.Client
) -> None:
    known, fresh = _comes_in(http), [Person(http) for _ in range(5)]

    with _without(valkey, port, misfortune):
        logged_in = [known.log_in() for _ in range(5)]
        signed_up = [person.sign_up() for person in fresh]
        me = known.me()

    assert me["email"] == known.email
    assert [answer.status_code for answer in logged_in] == [200] * 5
    assert [answer.status_code for answer in signed_up] == [401] * 5
    assert max(answer.elapsed.total_seconds() for answer in [*logged_in, *signed_up]) < 3
    assert [person.verify().status_code for person in fresh] == [200] * 5


@contextmanager
def _without(valkey: Program, port: int, misfortune: str) -> Iterator[None]:
    if misfortune == "frozen":
        valkey.freeze()
        try:
            yield
        finally:
            valkey.thaw()
    else:
        valkey.kill()
        try:
            yield
        finally:
            valkey.start()
            eventually(lambda: answers(port), "Valkey answers")


def test_the_limits_hold_again_once_valkey_is_back(http: httpx.Client) -> None:
    def refused() -> bool:
        return Person(http).sign_up().status_code == 429

    eventually(refused, "somebody who signs up again and again is refused", seconds=30)
