import pytest
from django.test import Client

from notifications.channels.samples import samples
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db

PREVIEWS = "/admin/notifications/message/previews/"


@pytest.fixture
def support(db: None) -> Client:
    return browser_of(staff("support", "support"))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", samples())
def test_every_text_can_be_looked_at_in_every_language(kind: str, language: str, support: Client) -> None:
    page = support.get(PREVIEWS, {"kind": kind, "language": language}).content.decode()

    assert page.count("<iframe sandbox ") == len(samples()[kind])
    assert page.count("\n-- \nShop\n") == len(samples()[kind])
    assert f"lang=&quot;{language}&quot;" in page


def test_the_list_of_messages_leads_to_the_previews(support: Client) -> None:
    assert PREVIEWS in support.get("/admin/notifications/message/").content.decode()
    assert support.get(PREVIEWS).status_code == 200


@pytest.mark.parametrize("query", [{"kind": "gossip"}, {"language": "xx"}, {"kind": "../en/welcome"}, {"kind": ""}])
def test_what_there_is_no_text_for_is_not_found(query: dict[str, str], support: Client) -> None:
    assert support.get(PREVIEWS, query).status_code == 404
