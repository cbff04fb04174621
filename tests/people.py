"""People who sign up and log in as apps do, over HTTP."""

import json
import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client

PASSWORD = "a long way from here"

APP = "/_allauth/app/v1"
BROWSER = "/_allauth/browser/v1"


class App:
    """An app on somebody's phone: it keeps the session token and sends it along."""

    def __init__(self) -> None:
        self.http = Client()
        self.session = ""
        self.access = ""
        self.refresh = ""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        """One request below `/_allauth/app/v1`; what the answer hands out is kept."""
        sent = {"X-Session-Token": self.session} if self.session else {}
        answer = self.http.generic(
            method,
            APP + path,
            b"" if body is None else json.dumps(body).encode(),
            "application/json",
            headers={**sent, **headers},
        )
        meta = answer.json().get("meta", {}) if answer["Content-Type"] == "application/json" else {}
        self.session = meta.get("session_token", self.session)
        self.access = meta.get("access_token", self.access)
        self.refresh = meta.get("refresh_token", self.refresh)
        return answer

    def sign_up(self, email: str, password: str = PASSWORD, **more: Any) -> Any:
        return self.ask("POST", "/auth/signup", {"email": email, "password": password, **more})

    def verify(self, code: str) -> Any:
        return self.ask("POST", "/auth/email/verify", {"key": code})

    def log_in(self, email: str, password: str = PASSWORD) -> Any:
        return self.ask("POST", "/auth/login", {"email": email, "password": password})

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request to the REST API, with the access token."""
        sent = {"Authorization": f"Bearer {self.access}", **headers}
        content = b"" if body is None else json.dumps(body).encode()
        return self.http.generic(method, f"/api/v1{path}", content, "application/json", headers=sent)


def mails_to(address: str) -> list[str]:
    """Subject and body of the mails in the mailbox, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject || E'\\n' || body FROM notifications_receivedmail WHERE recipients = %s ORDER BY id",
            [address],
        )
        return [text for (text,) in cursor.fetchall()]


def code_for(address: str) -> str:
    """The code in the newest of somebody's mails that has one."""
    found = re.findall(r"^[B-Z]{4}-[B-Z]{4}$", "\n".join(mails_to(address)), re.MULTILINE)
    assert found, mails_to(address)
    return str(found[-1])


def signed_up(email: str, drain_all: Callable[[], None], **more: Any) -> App:
    """Somebody who has an account, a verified address, and is logged in."""
    app = App()
    assert app.sign_up(email, **more).status_code == 401
    drain_all()
    assert app.verify(code_for(email)).status_code == 200
    return app
