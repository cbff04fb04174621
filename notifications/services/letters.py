"""Letters: messages ready to be sent."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

import msgspec

from notifications.channels import words
from notifications.models import Message


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail with all that it says; its HTML is made when it leaves."""

    message_id: UUID
    reference: str
    """What its Message-ID is made of: the same when it is tried again, another when it is asked for again."""
    address: str
    kind: str
    language: str
    facts: Mapping[str, Any]
    subject: str
    body: str

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(
            message_id=message.pk,
            reference=f"{message.pk}.{message.requests}" if message.requests else str(message.pk),
            address=message.address,
            kind=message.kind,
            language=message.language,
            facts=message.facts,
            subject=message.subject,
            body=message.body,
        )

    @property
    def html(self) -> str:
        return words.dressed(self.kind, self.language, self.facts)
