"""A mail back-end for development: it delivers into a table, as a mail server would, whatever becomes of the sender."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from shop import autonomous

_DELIVER = """
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, html, received_at)
VALUES (%s, %s, %s, %s, %s, %s, now())
"""


class MailboxBackend(BaseEmailBackend):
    """Set by the embedded stack as `EMAIL_BACKEND`; `/dev/mailbox` shows what arrived."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            message_id = message.extra_headers.get("Message-ID", "")
            html = "".join(str(part) for part, kind in getattr(message, "alternatives", ()) if kind == "text/html")
            fields = (message_id, message.from_email, ", ".join(message.to), message.subject, message.body, html)
            with autonomous.cursor() as cursor:
                cursor.execute(_DELIVER, fields)
        return len(email_messages)
