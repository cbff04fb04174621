"""Connections to a real mail server that are used again."""

import select
import threading

import pytest
from aiosmtpd.smtp import SMTP

from notifications.channels import connections, email
from notifications.channels.email import Refused
from tests.notifications.conftest import OpenPostOffice, PostOffice
from tests.processes import eventually


def _send(reference: str) -> None:
    email.send(reference=reference, address="ada@example.com", subject="Hello", body="Dear Ada", html="<p>Dear Ada</p>")


def _ids(post_office: PostOffice) -> list[str]:
    return [str(mail["Message-ID"]) for mail in post_office.mails]


def test_mails_leave_one_after_the_other_by_the_same_connection(open_post_office: OpenPostOffice) -> None:
    with open_post_office() as post_office:
        for reference in ("1", "2", "3"):
            _send(reference)

    assert _ids(post_office) == ["<1@example.com>", "<2@example.com>", "<3@example.com>"]
    assert len({id(session) for session in post_office.sessions}) == 1


def test_two_who_send_at_once_have_a_connection_each(open_post_office: OpenPostOffice) -> None:
    with open_post_office() as post_office, connections.connection():
        _send("1")
        _send("2")

    assert len({id(session) for session in post_office.sessions}) == 1
    assert len(post_office.received) == 2


@pytest.mark.parametrize("farewell", [b"", b"421 you were silent for too long\r\n"], ids=["silently", "with a word"])
def test_a_server_that_has_hung_up_meanwhile_costs_no_mail_and_no_try(
    farewell: bytes, open_post_office: OpenPostOffice
) -> None:
    has_hung_up = threading.Event()

    def hang_up_soon(server: SMTP) -> str:
        def hang_up() -> None:
            assert server.transport is not None
            server.transport.write(farewell)  # type: ignore[attr-defined]  # asyncio's transport has it
            server.transport.close()
            has_hung_up.set()

        server.loop.call_later(0.05, hang_up)
        return "250 OK"

    with open_post_office() as post_office:
        post_office.answer = hang_up_soon
        _send("1")
        assert has_hung_up.wait(8)
        eventually(_farewell_is_here, "the end has arrived")
        post_office.answer = lambda _server: "250 OK"
        _send("2")

    assert _ids(post_office) == ["<1@example.com>", "<2@example.com>"]


def _farewell_is_here() -> bool:
    (kept,) = (kept for idle in connections._idle.values() for kept in idle)
    return bool(select.select([kept.connection.connection.sock], [], [], 0)[0])


def test_a_connection_does_not_grow_old(open_post_office: OpenPostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_OLDEST", 0.0)

    with open_post_office() as post_office:
        _send("1")
        _send("2")

    assert len({id(session) for session in post_office.sessions}) == 2


def test_after_a_mail_that_was_refused_the_next_one_leaves(open_post_office: OpenPostOffice) -> None:
    with open_post_office() as post_office:
        post_office.answer = lambda _server: "550 no such user"
        with pytest.raises(Refused):
            _send("1")
        post_office.answer = lambda _server: "250 OK"
        _send("2")

    assert _ids(post_office) == ["<1@example.com>", "<2@example.com>"]
