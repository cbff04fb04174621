import pytest

from notifications import services
from notifications.models import Message, Preference
from shop.users.models import User
from tests.notifications.services.test_writing import draft

pytestmark = pytest.mark.django_db


def test_what_was_written_to_erased_people_is_forgotten_and_nobody_elses(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    services.write_messages(drafts=[draft(ada), draft(bob)])
    Preference(user=ada, muted=["shipped.email"]).save()
    Preference(user=bob, muted=["shipped.email"]).save()

    services.forget(user_ids=[ada.pk])
    services.forget(user_ids=[ada.pk])

    left = Message.objects.filter(recipient_id=ada.pk)
    assert {(each.address, each.subject, each.body, str(each.facts)) for each in left} == {("", "", "", "{}")}
    assert len(left) == 2
    assert Message.objects.filter(recipient_id=bob.pk).exclude(subject="").count() == 2
    assert Preference.objects.get().user == bob
