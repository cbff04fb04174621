"""Guarded models: no change is lost, and none is told that did not happen."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from inventory.models import Reservation, State, StockLevel
from notifications.models import Alert, Message, Preference
from orders.models import Order, Party, Reason, Return, Shipment, Status
from payments.models import Attempt, Operation, Payment, Refund
from shop.bus import publish
from shop.catalogue.events import ProductUpdated
from shop.catalogue.models import Product
from shop.states import Guarded, Stale, Unguarded, bulk_save
from shop.users.models import AccountMail, Address, Guest, User
from tests.bus.facts import LampLit
from tests.conftest import Published

pytestmark = pytest.mark.django_db(transaction=True)


class Storm(Exception):
    """Something that goes wrong in a test."""


def _person() -> User:
    return User.objects.create_user(f"{uuid4()}@example.com")


def _order() -> Order:
    return Order(customer=_person(), currency="EUR", total=1200, shipping_address={}, payment_method="pm_card_visa")


def _address() -> Address:
    user = User.objects.create_user(f"{uuid4()}@example.com")
    return Address(user=user, name="Ada", line1="1 Main Street", city="Berlin", postal_code="10115", country="DE")


def _shipment() -> Shipment:
    order = _order()
    order.save()
    return Shipment(order=order, carrier="DHL")


def _return() -> Return:
    order = _order()
    order.save()
    return Return(order=order)


def _refund() -> Refund:
    payment = _payment()
    payment.save()
    return Refund(payment=payment, amount=100, reason="Late")


def _payment() -> Payment:
    return Payment(order_id=uuid4(), customer_id=uuid4(), order_number="1", amount=1200, currency="EUR")


def _attempt() -> Attempt:
    payment = _payment()
    payment.save()
    return Attempt(payment=payment, operation=Operation.AUTHORISE, key=str(uuid4()))


GUARDED: Mapping[type[Guarded], tuple[Callable[[], Guarded], str, object]] = {
    User: (lambda: User(email=f"{uuid4()}@example.com"), "name", "Ada"),
    Guest: (lambda: Guest(email="gus@example.com"), "name", "Gus"),
    Address: (_address, "line2", "2nd floor"),
    AccountMail: (lambda: AccountMail(kind="unknown_account", address="a@example.com"), "body", "Hello"),
    Product: (lambda: Product(slug=f"mug-{uuid4()}", name="Mug"), "name", "Cup"),
    StockLevel: (lambda: StockLevel(sku=str(uuid4()), on_hand=3), "on_hand", 4),
    Reservation: (lambda: Reservation(order_id=uuid4(), state=State.CLOSED), "state", State.RELEASED),
    Order: (_order, "external_reference", "PO 7"),
    Shipment: (_shipment, "carrier", "UPS"),
    Return: (_return, "reason", "Too blue"),
    Refund: (_refund, "reason", "Broken"),
    Payment: (_payment, "method", "pm_card_mastercard"),
    Attempt: (_attempt, "code", "insufficient_funds"),
    Message: (
        lambda: Message(event_id=uuid4(), recipient_id=uuid4(), kind="receipt", subject="s", body="b"),
        "subject",
        "t",
    ),
    Preference: (lambda: Preference(user=_person()), "muted", ["shipped.email"]),
    Alert: (lambda: Alert(kind="stock_low", closed_at=datetime.now(UTC)), "count", 2),
}
"""How to make one of each guarded model, and something to change about it."""


def test_every_guarded_model_of_the_product_is_checked_here() -> None:
    assert set(GUARDED) == {model for model in apps.get_models() if issubclass(model, Guarded)}


@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model.__name__)
class TestEveryGuardedModel:
    def test_counts_its_versions(self, model: type[Guarded]) -> None:
        row = _made(model)
        assert row.version == 1

        for version in (2, 3):
            row.save()
            assert row.version == version
            assert _read(row).version == version

    def test_cannot_be_overwritten_by_a_stale_instance(self, model: type[Guarded], published: Published) -> None:
        row = _made(model)
        stale, fresh = _read(row), _read(row)
        _change(fresh)
        fresh.save()
        told = list(published)

        with pytest.raises(Stale):
            stale.save()
        _change(stale)
        with pytest.raises(Stale):
            bulk_save([stale])

        assert _is_changed(_read(fresh))
        assert _read(fresh).version == 2
        assert published == told

    def test_is_changed_in_bulk_as_by_itself(self, model: type[Guarded]) -> None:
        row = _read(_made(model))
        _change(row)
        bulk_save([row])

        assert row.version == 2
        assert _is_changed(_read(row))
        assert _read(row).version == 2

    def test_is_made_in_bulk_as_by_itself(self, model: type[Guarded]) -> None:
        row = GUARDED[model][0]()
        bulk_save([row])
        read = _read(row)
        vars(read).pop("search", None)  # which the database makes, and only Django asks for

        assert {name: getattr(row, name) for name, _ in read._values()} == dict(read._values())
        assert (row.version, row.changes()) == (1, set())
        row.save()
        assert _read(row).version == 2

    def test_refuses_writes_that_nobody_would_hear_of(self, model: type[Guarded]) -> None:
        row = _made(model)
        name, value = GUARDED[model][1:]
        manager: Any = model._default_manager

        writes: list[Callable[[], object]] = [
            lambda: manager.update(**{name: value}),
            lambda: manager.filter(pk=row.pk).update(**{name: value}),
            lambda: manager.bulk_update([row], [name]),
            lambda: manager.bulk_create([row]),
            lambda: asyncio.run(manager.filter(pk=row.pk).aupdate(**{name: value})),
        ]
        for write in writes:
            with pytest.raises(Unguarded):
                write()

        assert not _is_changed(_read(row))


def _made(model: type[Guarded]) -> Guarded:
    row = GUARDED[model][0]()
    row.save()
    return row


def _read(row: Guarded) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def _change(row: Guarded) -> None:
    _, name, value = GUARDED[type(row)]
    setattr(row, name, value)


def _is_changed(row: Guarded) -> bool:
    _, name, value = GUARDED[type(row)]
    return bool(getattr(row, name) == value)


# --- What just became ---------------------------------------------------------------------------------------


@pytest.fixture
def mug() -> Product:
    mug = Product(slug="mug", name="Mug")
    mug.save()
    return mug


@contextmanager
def _listening(hear: Callable[[Any], object]) -> Iterator[None]:
    """`hear` is told of each `post_save` of a product."""

    def receiver(instance: Product, **_signal: object) -> None:
        hear(instance)

    post_save.connect(receiver, sender=Product)
    yield
    post_save.disconnect(receiver, sender=Product)


def test_a_new_row_just_became_what_it_is() -> None:
    heard: list[bool] = []

    with _listening(lambda mug: heard.extend([mug.just_became(active=True), mug.just_became(active=False)])):
        Product(slug="mug", name="Mug").save()

    assert heard == [True, False]


def test_a_row_just_became_something_only_in_the_save_that_changes_it(mug: Product) -> None:
    heard: list[bool] = []

    with _listening(lambda mug: heard.append(mug.just_became(active=False))):
        mug.save()
        mug.active = False
        mug.save()
        mug.name = "Cup"
        mug.save()
        _read(mug).save()

    assert heard == [False, True, False, False]


def test_a_row_just_became_a_whole_state_when_any_part_of_it_changed(mug: Product) -> None:
    mug.name = "Cup"

    assert mug.just_became(name="Cup", active=True)
    assert not mug.just_became(name="Cup", active=False)
    assert not mug.just_became(active=True)


def test_what_was_and_what_changed_are_known_until_it_is_saved(mug: Product) -> None:
    mug.name = "Cup"
    assert (mug.was("name"), mug.changes()) == ("Mug", {"name"})

    mug.save()
    assert (mug.was("name"), mug.changes()) == ("Cup", set())
    assert Product(slug="cup", name="Cup").was("name", "nothing") == "nothing"


def test_reading_again_forgets_what_was_not_saved(mug: Product) -> None:
    mug.name = "Cup"

    mug.refresh_from_db()

    assert mug.name == "Mug"
    assert mug.changes() == set()
    mug.save()
    assert mug.version == 2


def test_reading_again_makes_a_stale_instance_fresh(mug: Product) -> None:
    other = _read(mug)
    other.save()

    mug.refresh_from_db()
    mug.save()

    assert mug.version == 3


def test_reading_one_column_again_does_not_forget_the_others(mug: Product) -> None:
    mug.active = False

    mug.refresh_from_db(fields=["name"])

    assert mug.just_became(active=False)


def test_reading_what_was_deferred_does_not_forget_a_change(mug: Product) -> None:
    mug = Product.objects.defer("description").get()
    mug.active = False

    assert mug.description == ""

    assert mug.just_became(active=False)
    mug.save()
    assert not _read(mug).active


def test_a_change_inside_a_json_column_is_a_change() -> None:
    order = _read(_saved(_order()))
    order.shipping_address["city"] = "Berlin"
    assert order.changes() == {"shipping_address"}

    bulk_save([order])

    assert _read(order).shipping_address == {"city": "Berlin"}


def test_saving_some_columns_saves_the_version_too(mug: Product) -> None:
    mug.name = "Cup"
    mug.save(update_fields=["name"])

    assert _read(mug).version == mug.version == 2
    with pytest.raises(Stale):
        _stale_copy_of(mug).save(update_fields=["name"])


def test_what_a_partial_save_left_out_is_still_to_be_saved(mug: Product) -> None:
    mug.name, mug.active = "Cup", False

    mug.save(update_fields=["name"])

    assert mug.changes() == {"active"}


def _stale_copy_of(mug: Product) -> Product:
    stale: Product = _read(mug)
    _read(mug).save()
    return stale


# --- Transactions -------------------------------------------------------------------------------------------


def test_a_receiver_that_raises_rolls_the_row_back(mug: Product, published: Published) -> None:
    def fail(_mug: Product) -> None:
        with transaction.atomic():
            publish(LampLit(lamp="a"))
        raise Storm

    mug.name = "Cup"
    with _listening(fail):
        with pytest.raises(Storm):
            mug.save()
        with pytest.raises(Storm):
            Product(slug="cup", name="Cup").save()
        with pytest.raises(Storm):
            bulk_save([Product(slug="cup", name="Cup")])

    assert list(Product.objects.values_list("name", flat=True)) == ["Mug"]
    assert published == []


def test_a_stale_save_fails_the_transaction_around_it(mug: Product, published: Published) -> None:
    stale = _stale_copy_of(mug)

    with transaction.atomic():
        publish(LampLit(lamp="a"))
        with pytest.raises(Stale):
            stale.save()

    assert published == []


def test_a_new_row_never_overwrites_one_that_is_there(mug: Product) -> None:
    with pytest.raises(IntegrityError):
        Product(pk=mug.pk, slug="cup", name="Cup").save()

    assert _read(mug).name == "Mug"


def test_a_row_that_was_deleted_is_not_brought_back(mug: Product) -> None:
    _read(mug).delete()

    with pytest.raises(Stale):
        mug.save()

    assert not Product.objects.exists()


# --- In bulk ------------------------------------------------------------------------------------------------


def test_bulk_save_tells_of_changed_rows_only_and_writes_them_in_one_update() -> None:
    bulk_save([Product(slug=str(number), name="Mug") for number in range(6)])
    mugs = list(Product.objects.order_by("slug"))
    mugs[1].name, mugs[4].active = "Cup", False
    heard: list[str] = []

    with CaptureQueriesContext(connection) as queries, _listening(lambda mug: heard.append(mug.slug)):
        bulk_save(mugs)

    assert sorted(heard) == ["1", "4"]
    assert sum(query["sql"].startswith("UPDATE") for query in queries) == 1
    assert [mug.version for mug in Product.objects.order_by("slug")] == [1, 2, 1, 1, 2, 1]
    assert list(Product.objects.order_by("slug").values_list("name", "active"))[1:5:3] == [
        ("Cup", True),
        ("Mug", False),
    ]


def test_bulk_save_inserts_in_one_statement_and_tells_of_each() -> None:
    heard: list[bool] = []

    with (
        CaptureQueriesContext(connection) as queries,
        _listening(lambda mug: heard.append(mug.just_became(active=True))),
    ):
        bulk_save([Product(slug=str(number), name="Mug") for number in range(6)])

    assert heard == [True] * 6
    assert sum(query["sql"].startswith("INSERT") for query in queries) == 1


def test_bulk_save_takes_new_and_changed_rows_at_once(mug: Product) -> None:
    mug.name = "Cup"

    bulk_save([Product(slug="cup", name="Cup"), mug])

    assert list(Product.objects.order_by("slug").values_list("slug", "name", "version")) == [
        ("cup", "Cup", 1),
        ("mug", "Cup", 2),
    ]


def test_bulk_saved_rows_can_be_saved_again(mug: Product) -> None:
    mug.name = "Cup"
    bulk_save([mug])
    assert mug.changes() == set()

    mug.name = "Bowl"
    bulk_save([mug])
    mug.name = "Plate"
    mug.save()

    assert (_read(mug).name, _read(mug).version) == ("Plate", 4)


def test_bulk_save_of_nothing_new_asks_nobody(mug: Product) -> None:
    with CaptureQueriesContext(connection) as queries:
        bulk_save([mug])
        bulk_save(list[Product]())

    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "SELECT"))]


def test_one_stale_row_among_many_refuses_them_all(published: Published) -> None:
    bulk_save([Product(slug=str(number), name="Mug") for number in range(3)])
    mugs = list(Product.objects.order_by("slug"))
    _read(mugs[1]).save()
    for mug in mugs:
        mug.name = "Cup"

    with pytest.raises(Stale), _listening(lambda mug: publish(LampLit(lamp=mug.slug))):
        bulk_save(mugs)

    assert not Product.objects.filter(name="Cup").exists()
    assert published.of(LampLit, ProductUpdated) == []


def test_bulk_save_refuses_what_is_too_long_instead_of_cutting_it_off() -> None:
    attempt = _read(_saved(_attempt()))
    attempt.code = "x" * 101

    with pytest.raises(DataError):
        bulk_save([attempt])

    assert _read(attempt).code == ""


def test_bulk_save_writes_every_kind_of_column() -> None:
    now = datetime.now(UTC)
    order = _read(_saved(_order()))
    order.total, order.shipping_address = 2**40, {"name": 'Ada "the" Countess', "tags": [1, None]}
    order.status, order.cancellation_reason, order.cancelled_at = Status.CANCELLED, Reason.OUT_OF_STOCK, now
    order.cancelled_by = Party.SYSTEM

    bulk_save([order])

    read = _read(order)
    assert (read.total, read.shipping_address) == (2**40, {"name": 'Ada "the" Countess', "tags": [1, None]})
    assert (read.status, read.cancelled_at, read.confirmed_at) == ("cancelled", now, None)


def test_bulk_save_inserts_every_kind_of_column_and_refuses_what_is_too_long() -> None:
    now = datetime.now(UTC)
    payment = _payment()
    payment.save()
    late_answers = [{"at": None, "code": 'say "no"\\', "tags": [1, 2.5, True]}]
    bulk_save(
        [
            Attempt(payment=payment, operation=Operation.VOID, key="a", late_answers=late_answers, settled_at=now),
            Attempt(payment=payment, operation=Operation.CAPTURE, key="é'%s\n\t"),
        ]
    )

    void, capture = Attempt.objects.order_by("-operation")
    assert (void.payment_id, void.operation, void.late_answers) == (payment.pk, "void", late_answers)
    assert (void.settled_at, void.created_at >= now, void.refund_id) == (now, True, None)
    assert (capture.key, capture.settled_at, capture.late_answers) == ("é'%s\n\t", None, [])
    with pytest.raises(DataError):
        bulk_save([Attempt(payment=payment, operation=Operation.AUTHORISE, key="x" * 101)])


def _saved(row: Guarded) -> Guarded:
    row.save()
    return row


# --- Fixtures -----------------------------------------------------------------------------------------------


def test_a_fixture_is_restored_without_news(published: Published) -> None:
    order = _saved(_order())
    fixture = serializers.serialize("json", [order])
    order.delete()
    told = len(published)

    for _ in range(2):  # once as a new row, once over one that is there
        for restored in serializers.deserialize("json", fixture):
            restored.save()

    assert Order.objects.get().version == 1
    assert len(published) == told


def test_a_restored_row_can_be_changed(mug: Product) -> None:
    fixture = serializers.serialize("json", [mug])
    mug.delete()
    (restored,) = serializers.deserialize("json", fixture)
    restored.save()

    again: Any = restored.object
    again.name = "Cup"
    again.save()

    assert Product.objects.get().version == 2
