import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from inventory.models import StockLevel
from orders import services
from orders.events import OrderPlaced
from orders.models import Order, OrderLine
from orders.services import NewLine, NotForSale
from shop.catalogue import services as catalogue
from shop.catalogue.services import NewVariant
from shop.money import Money
from shop.users.models import User
from tests.conftest import Published
from tests.shelves import offer
from tests.shopping import ADDRESS, place


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """Ada has ordered two mugs, and nobody has reacted yet."""
    return place(ada, {"MUG-BLUE": 2})


def test_placing_an_order_writes_its_lines_at_the_prices_of_the_catalogue(
    ada: User, mugs: StockLevel, lamps: StockLevel
) -> None:
    order = place(ada, {"MUG-BLUE": 2, "LAMP-BLACK": 1})

    lines = OrderLine.objects.filter(order=order).values_list("sku", "name", "quantity", "unit_price")
    assert list(lines) == [("MUG-BLUE", "Blue mug", 2, 1200), ("LAMP-BLACK", "Black lamp", 1, 5900)]
    assert Order.objects.get().total == 2 * 1200 + 5900


def test_a_placed_order_awaits_stock_and_payment(ada: User, mugs: StockLevel) -> None:
    place(ada, {"MUG-BLUE": 2})

    order = Order.objects.get()
    assert (order.status, order.stock_status, order.payment_status) == ("placed", "pending", "pending")
    assert (order.customer, order.currency, order.shipping_address) == (ada, "EUR", ADDRESS)
    assert (order.confirmed_at, order.cancelled_at, order.cancellation_reason) == (None, None, "")


def test_a_price_that_changes_later_leaves_the_order_as_it_was(order: Order) -> None:
    catalogue.reprice(prices={"MUG-BLUE": [Money(9900, "EUR")]})

    order.refresh_from_db()
    assert order.total == 2400
    assert [line.unit_price for line in order.lines.all()] == [1200]


def test_every_order_gets_a_higher_number_than_the_one_before(ada: User, mugs: StockLevel) -> None:
    numbers = [place(ada, {"MUG-BLUE": 1}).number for _ in range(3)]

    assert numbers == sorted(set(numbers))
    assert numbers[0] > 10_000


def test_placing_an_order_tells_its_lines_once(ada: User, mugs: StockLevel, published: Published) -> None:
    order = place(ada, {"MUG-BLUE": 2})

    assert published == [OrderPlaced.of(Order.objects.get(pk=order.pk))]
    assert [(line.sku, line.quantity) for line in published.of(OrderPlaced)[0].lines] == [("MUG-BLUE", 2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sku", ["UNHEARD-OF", "RETIRED", "DOLLARS-ONLY", "PRICELESS"])
def test_what_is_not_for_sale_is_named_by_its_line_and_nothing_is_written(
    sku: str, ada: User, mugs: StockLevel, published: Published
) -> None:
    catalogue.archive(product=offer("RETIRED"))
    offer("DOLLARS-ONLY", currency="USD")
    catalogue.create(slug="priceless", name="Priceless", variants=[NewVariant(sku="PRICELESS")])

    with pytest.raises(NotForSale) as refusal:
        place(ada, {"MUG-BLUE": 1, sku: 1})

    assert refusal.value.places == [1]
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert published.of(OrderPlaced) == []


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_transaction_fails_leaves_no_trace(ada: User, mugs: StockLevel, published: Published) -> None:
    with transaction.atomic():
        place(ada, {"MUG-BLUE": 1})
        transaction.set_rollback(True)

    assert not Order.objects.exists()
    assert published == []


@pytest.mark.django_db(transaction=True)
def test_an_order_without_a_line_for_each_sku_is_refused_by_the_database(ada: User, mugs: StockLevel) -> None:
    twice = [NewLine(sku="MUG-BLUE", quantity=1), NewLine(sku="MUG-BLUE", quantity=2)]

    with pytest.raises(Exception, match="order_line_once_per_sku"):
        services.place_order(
            customer=ada, lines=twice, currency="EUR", shipping_address=ADDRESS, payment_method="pm_card_visa"
        )

    assert not Order.objects.exists()


def test_placing_an_order_of_many_lines_asks_the_database_no_more_often(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        offer(f"THING-{number}")

    with django_assert_max_num_queries(4):  # prices, lines, order, and the news
        place(ada, {f"THING-{number}": 1 for number in range(50)})
