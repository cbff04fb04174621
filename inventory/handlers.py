"""What inventory does when others speak."""

from collections.abc import Sequence

from django.conf import settings

from inventory import services
from inventory.events import AvailabilityChanged, StockReserved
from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced, OrderReturned, OrderShipped
from payments.events import PaymentActionRequired
from shop.bus import Event, locks, subscribe
from shop.clock import shop_now


@locks
def lock_levels(events: Sequence[Event]) -> None:
    """Every handler here touches levels: those of what is named by SKU, the others by what their orders hold."""
    named = [event for event in events if isinstance(event, OrderPlaced | OrderShipped | OrderReturned)]
    ended = [event for event in events if isinstance(event, OrderCancelled | StockReserved | PaymentActionRequired)]
    services.lock_levels(
        skus={line.sku for event in named for line in event.lines},
        order_ids=[event.order_id for event in ended],
    )


@subscribe(OrderPlaced, many=True)
def reserve_stock(events: Sequence[OrderPlaced]) -> None:
    expires_at = shop_now() + settings.STOCK_HOLD
    services.reserve(
        orders=[
            services.Wanted(
                order_id=event.order_id,
                quantities={line.sku: line.quantity for line in event.lines},
                expires_at=expires_at,
            )
            for event in events
        ]
    )


@subscribe(OrderConfirmed, many=True)
def commit_stock(events: Sequence[OrderConfirmed]) -> None:
    services.commit(order_ids=[event.order_id for event in events])


@subscribe(OrderShipped, many=True)
def take_out_stock(events: Sequence[OrderShipped]) -> None:
    services.take_out(
        parcels=[
            services.Parcel(
                source=event.shipment_id,
                order_id=event.order_id,
                quantities={line.sku: line.quantity for line in event.lines},
            )
            for event in events
        ]
    )


@subscribe(OrderReturned, many=True)
def restock_returned_goods(events: Sequence[OrderReturned]) -> None:
    services.restock(
        parcels=[
            services.Parcel(
                source=event.return_id,
                order_id=event.order_id,
                quantities={line.sku: line.quantity for line in event.lines if line.restock},
            )
            for event in events
        ]
    )


@subscribe(OrderCancelled, many=True)
def release_stock(events: Sequence[OrderCancelled]) -> None:
    services.release(order_ids=[event.order_id for event in events])


@subscribe(StockReserved, many=True, after=settings.STOCK_HOLD)
def release_expired_hold(events: Sequence[StockReserved]) -> None:
    services.expire(order_ids=[event.order_id for event in events])


@subscribe(PaymentActionRequired, many=True)
def hold_while_customer_acts(events: Sequence[PaymentActionRequired]) -> None:
    services.hold_longer(order_ids=[event.order_id for event in events], until=shop_now() + settings.STOCK_ACTION_HOLD)


@subscribe(PaymentActionRequired, many=True, after=settings.STOCK_ACTION_HOLD)
def release_when_nobody_acted(events: Sequence[PaymentActionRequired]) -> None:
    services.expire(order_ids=[event.order_id for event in events])


@subscribe(AvailabilityChanged, many=True, repeatable=True)
def show_availability(events: Sequence[AvailabilityChanged]) -> None:
    services.show_availability(skus={event.sku for event in events})
