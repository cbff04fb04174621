import pytest
from django.db import transaction

from shop.api.answers import Claim, Kept, keep, take
from shop.api.models import IdempotentAnswer
from shop.api.problems import Problem

pytestmark = pytest.mark.django_db

CLAIM = Claim("user:1", "POST /api/v1/orders", "k")
ANSWER = Kept(b"\1" * 32, 201, {"ETag": '"1"'}, '{"id": "1"}')


def test_what_was_kept_is_told_to_the_next_who_takes_the_key() -> None:
    first = take(CLAIM)
    keep(CLAIM, ANSWER)

    assert first is None
    assert take(CLAIM) == ANSWER
    assert take(CLAIM._replace(key="another")) is None


def test_who_did_not_see_an_answer_that_was_kept_meanwhile_is_told_that_the_key_is_in_use() -> None:
    keep(CLAIM, ANSWER)

    with pytest.raises(Problem) as told, transaction.atomic():
        keep(CLAIM, ANSWER._replace(body="{}"))

    assert (told.value.status_code, told.value.headers) == (409, {"Retry-After": "1"})
    assert IdempotentAnswer.objects.get().body == ANSWER.body
