from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP
from django.db import connection
from pytest_django import Settings

from inventory.models import StockLevel
from notifications import services
from notifications.channels.samples import samples
from notifications.events import NotificationFailed
from notifications.models import Alert, Message, ReceivedMail
from shop.bus import DeadLetterOpened, Event, calls
from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.bus.models import Event as LoggedEvent
from shop.bus.tasks import drain
from shop.users import mails
from shop.users.models import Guest, User
from tests.conftest import Clock, Published
from tests.news import (
    order_cancelled,
    order_confirmed,
    order_delivered,
    order_placed,
    order_returned,
    order_shipped,
    payment_action_required,
    payment_captured,
    payment_refunded,
    payment_refunded_in_part,
    tell,
)
from tests.notifications.conftest import OpenPostOffice, written
from tests.shelves import offer
from tests.shopping import IS_DECLINED, place

pytestmark = pytest.mark.django_db(transaction=True)


def _hear(*events: Event) -> None:
    tell(*events)
    drain.run("notifications.out")


def _mails() -> list[tuple[str, str]]:
    return list(ReceivedMail.objects.order_by("id").values_list("recipients", "subject"))


# --- What is written ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("mailbox")
def test_a_customer_reads_that_the_order_was_received_with_its_lines_and_its_total(ada: User) -> None:
    _hear(order_placed(uuid4(), {"MUG-BLUE": 2, "LAMP-BLACK": 1}, customer_id=ada.pk, number="10042"))

    mail = ReceivedMail.objects.get()
    assert (mail.recipients, mail.subject) == ("ada@example.com", "We have received your order 10042")
    assert mail.sender == "Shop <shop@example.com>"
    assert "2 x Mug-Blue" in mail.body
    assert "1 x Lamp-Black" in mail.body
    assert "36.00 EUR" in mail.body


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize(
    ("told", "subject", "words"),
    [
        (order_confirmed, "Your order 10001 is confirmed", "12.00 EUR"),
        (payment_captured, "Receipt for your order 10001", "We have received 12.00 EUR"),
        (payment_refunded, "Refund for your order 10001", "We have given back 12.00 EUR"),
        (payment_refunded_in_part, "Refund for your order 10001", "a part of what you paid: 5.00 EUR of 12.00 EUR"),
        (payment_action_required, "Please confirm your payment for order 10001", "http://localhost:8000/orders/"),
        (order_returned, "Your return for order 10001 has arrived", "You get back: 12.00 EUR"),
        (order_cancelled, "Your order 10001 is cancelled", "sold out"),
        (order_shipped, "Your order 10001 is on its way", "https://pigeons.example/PP-42"),
        (partial(order_shipped, complete=False), "A part of your order 10001 is on its way", "The rest follows"),
        (order_delivered, "Your order 10001 has arrived", "1 x Mug-Blue"),
        (partial(order_delivered, complete=False), "A part of your order 10001 has arrived", "1 x Mug-Blue"),
    ],
)
def test_a_customer_reads_what_became_of_the_order(
    told: Callable[..., Event], subject: str, words: str, ada: User
) -> None:
    _hear(told(uuid4(), customer_id=ada.pk))

    mail = ReceivedMail.objects.get()
    assert (mail.recipients, mail.subject) == ("ada@example.com", subject)
    assert words in mail.body
    for facts in samples()[written().kind].values():
        assert facts.keys() <= written().facts.keys(), "what the words are tried with comes with the news, too"


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("customer_request", "as you asked"),
        ("out_of_stock", "sold out"),
        ("payment_declined", "declined"),
        ("payment_timeout", "did not arrive in time"),
        ("stock_timeout", "could not complete"),
        ("capture_failed", "could not complete"),
        ("some_reason_of_tomorrow", "could not complete"),
    ],
)
def test_a_customer_reads_why_the_order_was_cancelled(reason: str, words: str, ada: User) -> None:
    _hear(order_cancelled(uuid4(), reason=reason, customer_id=ada.pk))

    assert words in ReceivedMail.objects.get().body


@pytest.mark.usefixtures("mailbox")
def test_each_customer_gets_only_their_own_mail(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")

    _hear(
        order_placed(uuid4(), customer_id=ada.pk, number="10001"),
        order_placed(uuid4(), customer_id=bob.pk, number="10002"),
    )

    assert sorted(_mails()) == [
        ("ada@example.com", "We have received your order 10001"),
        ("bob@example.com", "We have received your order 10002"),
    ]


@pytest.mark.usefixtures("mailbox")
def test_an_order_that_goes_well_is_three_mails_to_its_customer(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 2})

    drain_all()

    assert _mails() == [
        ("ada@example.com", f"We have received your order {order.number}"),
        ("ada@example.com", f"Your order {order.number} is confirmed"),
        ("ada@example.com", f"Receipt for your order {order.number}"),
    ]
    assert not Message.objects.filter(sent_at=None).exists()
    assert Message.objects.filter(channel="app").count() == 3


@pytest.mark.usefixtures("mailbox")
def test_an_order_that_is_declined_is_two_mails_to_its_customer(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 2}, method=IS_DECLINED)

    drain_all()

    assert [subject for _, subject in _mails()] == [
        f"We have received your order {order.number}",
        f"Your order {order.number} is cancelled",
    ]


@pytest.mark.usefixtures("mailbox")
def test_nobody_is_written_to_when_the_customer_is_gone() -> None:
    _hear(order_placed(uuid4(), customer_id=uuid4()))

    assert _mails() == []
    assert not DeadLetter.objects.exists()
    assert not Delivery.objects.filter(queue="notifications.out").exists()


# --- Once per event -----------------------------------------------------------------------------------------


def _deliver_again(*, forget_receipt: bool) -> None:
    """The same event once more, as after a restore or a replay."""
    event = LoggedEvent.objects.get(type="order.placed")
    if forget_receipt:
        Receipt.objects.filter(event_id=event.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)"
            " VALUES (%s, 'notifications.send_order_received', 'notifications.out', 0, shop_now())",
            [event.pk],
        )
    drain.run("notifications.out")


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize("forget_receipt", [False, True])
def test_an_event_heard_twice_is_one_mail(forget_receipt: bool, ada: User) -> None:  # noqa: FBT001
    _hear(order_placed(uuid4(), customer_id=ada.pk))

    _deliver_again(forget_receipt=forget_receipt)

    assert len(_mails()) == Message.objects.filter(channel="email").count() == 1
    assert not Delivery.objects.filter(queue="notifications.out").exists()


@pytest.mark.usefixtures("mailbox")
def test_a_mail_that_left_before_its_worker_could_say_so_leaves_again_with_the_same_message_id(ada: User) -> None:
    _hear(order_placed(uuid4(), customer_id=ada.pk))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET sent_at = NULL")

    _deliver_again(forget_receipt=True)

    first, second = ReceivedMail.objects.order_by("id")
    assert first.message_id == second.message_id == f"<{written().pk}@example.com>"
    assert written().sent_at is not None


# --- A real mail server -------------------------------------------------------------------------------------


def _asking() -> Delivery:
    return Delivery.objects.get(queue="notifications.out")


def _try_again(clock: Clock) -> None:
    """The waits are over; the circuit closes by itself after five seconds of a real clock."""
    calls._closed_until.clear()
    clock.forward(timedelta(hours=2))
    drain.run("notifications.out")


def test_a_mail_goes_through_smtp_with_all_that_was_written(open_post_office: OpenPostOffice, ada: User) -> None:
    with open_post_office() as post_office:
        _hear(order_placed(uuid4(), customer_id=ada.pk, number="10042"))

    (envelope,) = post_office.received
    (mail,) = post_office.mails
    assert envelope.rcpt_tos == ["ada@example.com"]
    assert (mail["To"], mail["From"]) == ("ada@example.com", "Shop <shop@example.com>")
    assert mail["Subject"] == "We have received your order 10042"
    assert mail["Message-ID"] == f"<{written().pk}@example.com>"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert "1 x Mug-Blue: 12.00 EUR" in text.get_content()
    assert "Look at your order: http://localhost:8000/orders/" in text.get_content()
    assert "1 x Mug-Blue" in html.get_content()
    assert max(len(line) for line in (envelope.original_content or b"").splitlines()) < 998  # as RFC 5322 wants


def test_a_mail_in_german_says_its_letters_in_utf_8(open_post_office: OpenPostOffice) -> None:
    guest = Guest.objects.create(email="gus@example.com", language="de")

    with open_post_office() as post_office:
        _hear(order_confirmed(uuid4(), customer_id=guest.pk))

    (mail,) = post_office.mails
    assert mail["Subject"] == "Ihre Bestellung 10001 ist bestätigt"
    text, html = mail.iter_parts()
    assert "Alles ist vorrätig und für Sie reserviert. Wir buchen jetzt 12,00 EUR ab" in text.get_content()
    assert '<html lang="de"' in html.get_content()


def test_a_mail_server_that_is_away_counts_no_attempt_and_the_mail_leaves_when_it_is_back(
    open_post_office: OpenPostOffice, ada: User, clock: Clock
) -> None:
    _hear(order_placed(uuid4(), customer_id=ada.pk))
    for _ in range(12):  # more often than a delivery may be tried
        _try_again(clock)
    assert (_asking().attempts, written().sent_at) == (0, None)
    assert "mail server is away" in str(_asking().error)

    with open_post_office() as post_office:
        _try_again(clock)

    assert len(post_office.received) == 1
    assert written().sent_at is not None
    assert not DeadLetter.objects.exists()


def test_while_the_mail_server_is_away_nobody_knocks_for_every_single_mail(
    open_post_office: OpenPostOffice, ada: User
) -> None:
    _hear(order_placed(uuid4(), customer_id=ada.pk))

    with open_post_office() as post_office:
        _hear(order_placed(uuid4(), customer_id=ada.pk))

    assert post_office.received == []
    assert list(Delivery.objects.filter(queue="notifications.out").values_list("attempts", flat=True)) == [0, 0]


def _hang_up(server: SMTP) -> str:
    """The mail is taken, and the line goes dead before that can be said."""
    assert server.transport is not None
    server.transport.abort()  # type: ignore[attr-defined]  # asyncio's transport has it
    return "250 OK"


def test_a_mail_whose_acceptance_was_not_heard_of_leaves_again_with_the_same_message_id(
    open_post_office: OpenPostOffice, ada: User, clock: Clock
) -> None:
    with open_post_office() as post_office:
        post_office.answer = _hang_up
        _hear(order_placed(uuid4(), customer_id=ada.pk))
        post_office.answer = lambda _server: "250 OK"
        _try_again(clock)

    first, second = post_office.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert written().sent_at is not None


@pytest.mark.parametrize("answer", ["550 No such user here", "554 This looks like spam"])
def test_a_mail_that_is_refused_for_good_is_not_tried_again_and_told_of(
    answer: str, open_post_office: OpenPostOffice, ada: User, clock: Clock, published: Published
) -> None:
    order = uuid4()
    with open_post_office() as post_office:
        post_office.answer = lambda _server: answer
        _hear(order_placed(order, customer_id=ada.pk))
        _try_again(clock)

    message = written()
    assert len(post_office.received) == 1
    assert answer[4:] in message.error
    assert (message.sent_at, message.failed_at is None) == (None, False)
    assert published.of(NotificationFailed) == [
        NotificationFailed(message_id=message.pk, about=order, kind="received", channel="email")
    ]
    assert not DeadLetter.objects.exists()


def test_a_mail_that_is_put_off_leaves_when_the_server_takes_it(
    open_post_office: OpenPostOffice, ada: User, clock: Clock
) -> None:
    """Greylisting: a stranger's first try is told to come back later."""
    with open_post_office() as post_office:
        post_office.answer = lambda _server: "451 Come back later" if len(post_office.received) == 1 else "250 OK"
        _hear(order_placed(uuid4(), customer_id=ada.pk))
        assert written().sent_at is None
        _try_again(clock)

    assert len(post_office.received) == 2
    assert written().sent_at is not None


def test_a_mail_that_is_put_off_for_ever_is_tried_as_often_as_allowed_and_then_a_dead_letter(
    open_post_office: OpenPostOffice, ada: User, clock: Clock, settings: Settings
) -> None:
    with open_post_office() as post_office:
        post_office.answer = lambda _server: "452 The disk is full"
        _hear(order_placed(uuid4(), customer_id=ada.pk))
        for _ in range(settings.BUS_ATTEMPTS + 2):
            _try_again(clock)

    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts) == ("notifications.send_order_received", settings.BUS_ATTEMPTS)
    assert "The disk is full" in letter.error
    assert len(post_office.received) == settings.BUS_ATTEMPTS
    assert (written().sent_at, written().failed_at) == (None, None)


def test_a_mail_that_is_refused_holds_back_nobody_else_s(open_post_office: OpenPostOffice, ada: User) -> None:
    with open_post_office() as post_office:
        post_office.answer = lambda _server: "550 No" if len(post_office.received) == 1 else "250 OK"
        _hear(*(order_placed(uuid4(), customer_id=ada.pk) for _ in range(3)))

    assert len(post_office.received) == 3
    assert [message.failed_at is None for message in Message.objects.filter(sent_at=None)] == [False]


def test_an_account_mail_that_is_refused_for_good_is_forgotten_and_stands_in_the_logs(
    open_post_office: OpenPostOffice, ada: User, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    mail = mails.write(user=ada, kind="login_code", address=ada.email, subject="Sign-in code", body="BCDF-GHJK")

    with open_post_office() as post_office:
        post_office.answer = lambda _server: "550 No such user here"
        drain.run("notifications.out")
        _try_again(clock)

    mail.refresh_from_db()
    assert (len(post_office.received), mail.body) == (1, "")
    assert mail.closed_at is not None
    assert f"account mail {mail.pk} was refused for good" in caplog.text


# --- What cannot be smuggled --------------------------------------------------------------------------------

_EVIL = "Mug\r\nBcc: evil@example.com\r\n.\r\nMAIL FROM:<evil@example.com>\r\n"


def test_a_name_with_line_breaks_cannot_add_headers_or_mails(
    open_post_office: OpenPostOffice, ada: User, drain_all: Callable[[], None]
) -> None:
    ada.name = _EVIL
    ada.save()
    offer("EVIL", _EVIL)
    StockLevel(sku="EVIL", on_hand=1).save()

    with open_post_office() as post_office:
        place(ada, {"EVIL": 1})
        drain_all()

    assert len(post_office.received) == 3
    assert {tuple(envelope.rcpt_tos) for envelope in post_office.received} == {("ada@example.com",)}
    assert {mail["Bcc"] for mail in post_office.mails} == {None}


def test_an_address_with_line_breaks_gets_no_mail_at_all(
    open_post_office: OpenPostOffice, ada: User, clock: Clock, settings: Settings
) -> None:
    ada.email = "ada@example.com\nBcc: evil@example.com"
    ada.save()

    with open_post_office() as post_office:
        _hear(order_placed(uuid4(), customer_id=ada.pk))
        for _ in range(settings.BUS_ATTEMPTS):
            _try_again(clock)

    assert post_office.received == []
    assert "Invalid address" in DeadLetter.objects.get().error


# --- To staff -----------------------------------------------------------------------------------------------


def _dead_letter(handler: str, event: str) -> DeadLetterOpened:
    return DeadLetterOpened(handler=handler, about=uuid4(), type=event, parked=False)


@pytest.mark.usefixtures("mailbox")
def test_staff_are_told_of_dead_letters_once_with_their_number(clock: Clock, drain_all: Callable[[], None]) -> None:
    User.objects.create_superuser("boss@example.com")
    tell(*(_dead_letter("payments.take_payment", "order.confirmed") for _ in range(3)))

    drain_all()
    assert _mails() == []
    clock.forward(timedelta(minutes=10))
    drain_all()

    assert _mails() == [("boss@example.com", "3 dead letters")]
    assert "payments.take_payment: order.confirmed" in ReceivedMail.objects.get().body


@pytest.mark.usefixtures("mailbox")
def test_staff_are_told_that_stock_is_low(
    mugs: StockLevel, ada: User, clock: Clock, drain_all: Callable[[], None]
) -> None:
    User.objects.create_superuser("boss@example.com")
    mugs.low_at = 5
    mugs.save()
    place(ada, {"MUG-BLUE": 18})
    drain_all()

    clock.forward(timedelta(minutes=10))
    drain_all()

    assert ReceivedMail.objects.get(recipients="boss@example.com").subject == "Stock is low: MUG-BLUE"
    assert "MUG-BLUE at main: 2 left, low from 5" in ReceivedMail.objects.get(recipients="boss@example.com").body


def test_an_alert_that_cannot_leave_is_no_news_for_another_alert(
    open_post_office: OpenPostOffice, clock: Clock, drain_all: Callable[[], None], settings: Settings
) -> None:
    User.objects.create_superuser("boss@example.com")
    tell(_dead_letter("payments.take_payment", "order.confirmed"))
    drain_all()
    clock.forward(timedelta(minutes=10))

    with open_post_office() as post_office:
        post_office.answer = lambda _server: "452 The disk is full"
        for _ in range(settings.BUS_ATTEMPTS + 2):
            drain_all()
            _try_again(clock)
        drain_all()

    assert DeadLetter.objects.get().handler == "notifications.send_requested"
    assert Alert.objects.count() == 1
    assert not Delivery.objects.exists()


# --- Sent again ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("mailbox")
def test_a_mail_that_is_asked_for_again_leaves_again_as_another_mail(ada: User) -> None:
    _hear(order_placed(uuid4(), customer_id=ada.pk))

    services.send_again(message_id=written().pk)
    drain.run("notifications.out")

    second, first = ReceivedMail.objects.all()
    assert (second.subject, second.body, second.html) == (first.subject, first.body, first.html)
    assert second.message_id == f"<{written().pk}.1@example.com>" != first.message_id
    assert written().sent_at is not None
