"""Counting again: what lies on the shelf is not what was written down."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from inventory.models import MAIN, Adjustment, Cause, Movement, StockLevel
from shop.states import bulk_save
from shop.users.models import User

MOST_PIECES = 1_000_000_000


class NotPossible(ValueError):
    """The level is not what the caller thinks, or its orders do not allow this; the level says what it is."""

    def __init__(self, code: str, level: StockLevel) -> None:
        super().__init__(NotPossible.__doc__)
        self.code = code
        self.level = level


@transaction.atomic(savepoint=False)
def adjust(
    *,
    sku: str,
    by: User,
    reason: str,
    location: str = MAIN,
    delta: int | None = None,
    expected_on_hand: int | None = None,
    on_hand: int | None = None,
) -> Adjustment:
    """Change by `delta`, or set to `on_hand` where `expected_on_hand` lies there; a new place begins with nothing.

    Raises `NotPossible`: `on_hand_changed` if something else lies there, `stock_reserved` if pieces that are held for
    orders would be missing, `no_change` if all stays as it is, `too_many` beyond a billion.
    """
    level = _level(sku, location)
    if expected_on_hand is not None and level.on_hand != expected_on_hand:
        raise NotPossible("on_hand_changed", level)
    before = level.on_hand
    after = before + delta if delta is not None else on_hand or 0
    _refuse(level, after)
    level.on_hand = after
    _save(level)
    adjustment = Adjustment(
        sku=sku, location=location, delta=after - before, on_hand=after, reason=reason, adjusted_by=by
    )
    adjustment.save()
    Movement.objects.create(
        sku=sku, location=location, delta=adjustment.delta, cause=Cause.ADJUSTED, source=adjustment.pk
    )
    return adjustment


@transaction.atomic(savepoint=False)
def open_levels(*, pieces: Mapping[str, int], low_at: int = 0) -> list[StockLevel]:
    """Begin the book of SKUs that have none: so many pieces of each lie here."""
    levels = [StockLevel(sku=sku, on_hand=on_hand, low_at=low_at) for sku, on_hand in pieces.items()]
    bulk_save(levels)
    Movement.objects.bulk_create(
        Movement(sku=level.sku, delta=level.on_hand, cause=Cause.OPENING, source=level.pk) for level in levels
    )
    return levels


@transaction.atomic(savepoint=False)
def mind(*, sku: str, low_at: int, location: str = MAIN) -> StockLevel:
    """Tell staff from now on when no more than so many free pieces are left; 0 for never."""
    level = StockLevel.objects.locked().get(sku=sku, location=location)
    level.low_at = low_at
    level.save()
    return level


def _level(sku: str, location: str) -> StockLevel:
    level = StockLevel.objects.locked().filter(sku=sku, location=location).first()
    return level or StockLevel(sku=sku, location=location, on_hand=0)


def _refuse(level: StockLevel, after: int) -> None:
    if after == level.on_hand:
        raise NotPossible("no_change", level)
    if after < level.reserved:
        raise NotPossible("stock_reserved", level)
    if after > MOST_PIECES:
        raise NotPossible("too_many", level)


def _save(level: StockLevel) -> None:
    """Another may have made the same level in the meantime."""
    try:
        level.save()
    except IntegrityError as error:
        raise NotPossible("on_hand_changed", level) from error
