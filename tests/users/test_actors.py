import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.users.actors import named
from shop.users.models import User
from tests.keys import key_of

pytestmark = pytest.mark.django_db


def test_people_and_their_keys_have_names_and_others_none(ada: User) -> None:
    _, key = key_of(ada)
    strange = ["system", "guest", "user:nobody", "user:00000000-0000-0000-0000-000000000000", "client:x", ""]

    with CaptureQueriesContext(connection) as queries:
        names = named([f"user:{ada.pk}", f"key:{key.pk}", *strange])

    assert names == {f"user:{ada.pk}": "ada@example.com", f"key:{key.pk}": f"ada@example.com (key {key.name})"}
    assert len(queries) == 2
