import pytest
from django.db import transaction

from shop.api.answers import Claim, Kept, keep, take
from shop.api.models import IdempotentAnswer
from shop.api.problems import Problem

pytestmark = pytest.mark.django_db

CLAIM = Claim("user:1", "POST /api/v1/orders", "k")
ANSWER = Kept(b"\1" * 32, 201, {"ETag": '"1"'}, '{"id": "1"}')


OTHER = CLAIM._replace(key="another")


def test_what_was_kept_is_told_to_the_next_who_takes_the_key() -> None:
    first = take([CLAIM, OTHER])
    keep({CLAIM: ANSWER})

    assert first == [None, None]
    assert take([OTHER, CLAIM]) == [None, ANSWER]


def test_of_two_who_take_one_key_together_the_second_is_told_that_it_is_in_use() -> None:
    first, second = take([CLAIM, CLAIM])

    assert first is None
    assert isinstance(second, Problem)
    assert second.code == "idempotency_key_in_use"


def test_who_did_not_see_an_answer_that_was_kept_meanwhile_is_told_that_the_key_is_in_use() -> None:
    keep({CLAIM: ANSWER})

    with pytest.raises(Problem) as told, transaction.atomic():
        keep({OTHER: ANSWER, CLAIM: ANSWER._replace(body="{}")})

    assert (told.value.status_code, told.value.headers) == (409, {"Retry-After": "1"})
    assert IdempotentAnswer.objects.get().body == ANSWER.body
