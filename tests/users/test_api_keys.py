import hashlib
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from shop.users import api_keys
from shop.users.api_keys import MOST_LIVE, TooManyKeys
from shop.users.models import ApiKey, User
from tests.crowds import together
from tests.keys import key_of

pytestmark = pytest.mark.django_db

READ = ["orders:read"]


def issue(owner: User) -> tuple[str, ApiKey]:
    return api_keys.issue(owner=owner, name="A till", scopes=READ)


# --- Secrets ------------------------------------------------------------------------------------------------


def test_a_secret_is_long_and_never_the_same(ada: User) -> None:
    made = {api_keys.draft(owner=ada, name="A till", scopes=READ)[0] for _ in range(100)}

    assert len(made) == 100
    assert all(secret.startswith("sk_live_") and len(secret) >= 48 for secret in made)


def test_the_secrets_of_a_shop_to_play_with_say_so(ada: User, settings: Settings) -> None:
    settings.DEVELOPMENT = True

    secret, key = issue(ada)

    assert secret.startswith("sk_test_")
    assert key.prefix == secret[:12]


def test_of_a_secret_only_its_digest_and_its_beginning_are_kept(ada: User) -> None:
    secret, key = issue(ada)

    kept = ApiKey.objects.get()
    assert kept == key
    assert bytes(kept.digest) == hashlib.sha256(secret.encode()).digest()
    assert kept.prefix == secret[:12]
    assert secret not in str(vars(kept))
    assert secret not in f"{kept} {kept!r}"


# --- Issuing ------------------------------------------------------------------------------------------------


def test_a_key_lives_for_ninety_days_unless_told_otherwise(ada: User) -> None:
    soon = timezone.now() + timedelta(minutes=1)

    _, usual = issue(ada)
    _, brief = api_keys.issue(owner=ada, name="A till", scopes=READ, expires_at=soon)

    assert timedelta(days=89) < usual.expires_at - timezone.now() <= timedelta(days=90)
    assert brief.expires_at == soon


def test_one_key_more_than_an_owner_may_have_is_refused(ada: User) -> None:
    for _ in range(MOST_LIVE):
        issue(ada)

    with pytest.raises(TooManyKeys), transaction.atomic():
        issue(ada)

    assert ApiKey.objects.count() == MOST_LIVE


def test_keys_that_are_revoked_or_expired_or_of_others_do_not_count(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    for _ in range(MOST_LIVE - 1):
        issue(ada)
    _, revoked = issue(ada)
    api_keys.revoke(key=revoked)
    key_of(ada, expires_at=timezone.now())
    issue(bob)

    _, last = issue(ada)

    assert ApiKey.objects.filter(pk=last.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_issued_than_there_may_be(ada: User) -> None:
    for _ in range(MOST_LIVE - 2):
        issue(ada)

    def attempt() -> bool:
        try:
            issue(ada)
        except TooManyKeys:
            return False
        return True

    assert sorted(together(*[attempt] * 8)) == [False] * 6 + [True] * 2


# --- Revoking -----------------------------------------------------------------------------------------------


def test_revoking_a_key_again_leaves_the_time_of_the_first(ada: User) -> None:
    _, key = issue(ada)
    api_keys.revoke(key=key)
    first = ApiKey.objects.get().revoked_at

    api_keys.revoke(key=ApiKey.objects.get())

    assert first is not None
    assert ApiKey.objects.get().revoked_at == key.revoked_at == first


# --- Noting that a key is in use ----------------------------------------------------------------------------


def _used(key: ApiKey, ago: timedelta | None) -> ApiKey:
    key.last_used_at = timezone.now() - ago if ago else None
    key.save()
    return key


@pytest.mark.parametrize("ago", [None, timedelta(minutes=1), timedelta(days=30)])
def test_the_use_of_a_key_is_noted_after_a_minute(ago: timedelta | None, ada: User) -> None:
    key = _used(issue(ada)[1], ago)

    api_keys.note_use(key=key)

    noted = ApiKey.objects.get().last_used_at
    assert noted is not None
    assert timezone.now() - noted < timedelta(seconds=30)


def test_within_a_minute_nothing_is_written(ada: User) -> None:
    key = _used(issue(ada)[1], timedelta(seconds=30))

    api_keys.note_use(key=key)

    assert ApiKey.objects.get().last_used_at == key.last_used_at


@pytest.mark.django_db(transaction=True)
def test_noting_the_use_of_a_key_waits_for_nobody(ada: User) -> None:
    _, key = issue(ada)
    held, over = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            ApiKey.objects.select_for_update().get(pk=key.pk)
            held.set()
            over.wait(30)
        connection.close()

    holding = Thread(target=hold)
    holding.start()
    held.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1ms'")  # whoever waits at all is told so
        try:
            api_keys.note_use(key=key)
        finally:
            cursor.execute("RESET lock_timeout")
            over.set()
            holding.join(10)

    assert ApiKey.objects.get().last_used_at is None


@pytest.mark.django_db(transaction=True)
def test_a_crowd_that_notes_one_key_at_once_is_of_one_mind(ada: User) -> None:
    _, key = issue(ada)

    together(*[partial(api_keys.note_use, key=key)] * 10)

    assert ApiKey.objects.get().last_used_at is not None
