import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from shop.prepared import columns, loaded, prepared
from shop.users.models import ApiKey, User
from tests.keys import key_of

pytestmark = pytest.mark.django_db


def _known_to_postgres(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(statement, %s)", [statement])
        return int(cursor.fetchone()[0])


def _sum(one: int, other: int) -> int:
    with prepared() as cursor:
        cursor.execute("SELECT 17 + %s::int + %s::int", [one, other])
        return int(cursor.fetchone()[0])


def test_a_statement_is_prepared_once_whatever_its_values() -> None:
    answers = [_sum(number, 1) for number in range(5)]

    assert answers == [18, 19, 20, 21, 22]
    assert _known_to_postgres("SELECT 17 +") == 1


def test_a_prepared_statement_is_counted_among_the_others() -> None:
    with CaptureQueriesContext(connection) as queries:
        _sum(1, 2)

    assert [query["sql"] for query in queries] == ["SELECT 17 + 1::int + 2::int"]


def test_what_is_wrong_with_it_is_told_as_of_any_statement() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), prepared() as cursor:
        cursor.execute("SELECT 1 / %s::int", [0])

    assert _sum(1, 2) == 20


def test_a_row_that_was_read_so_is_as_a_query_set_would_have_made_it(ada: User) -> None:
    _, key = key_of(ada)

    with prepared() as cursor:
        cursor.execute(
            f"SELECT {columns(ApiKey, 'key')}, {columns(User, 'owner')} FROM users_apikey AS key"
            " JOIN users_user AS owner ON owner.id = key.owner_id WHERE key.id = %s",
            [key.pk],
        )
        values = iter(cursor.fetchone())
    found, owner = loaded(ApiKey, values), loaded(User, values)

    assert vars(found).keys() == vars(ApiKey.objects.get()).keys()
    assert (found.name, found.scopes, found.expires_at) == (key.name, key.scopes, key.expires_at)
    assert (owner, owner.email, owner.was("email")) == (ada, ada.email, ada.email)
