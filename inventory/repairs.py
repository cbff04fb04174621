"""What the doctor may mend of stock: letting go of what is held for nobody."""

from collections.abc import Callable
from uuid import UUID

from inventory import services
from inventory.models import Reservation
from shop.bus.reading import Logged
from shop.doctor import Mended, NotSafe, Repair, Row

_OURS = "/inventory"


def _expire(row: Row) -> Mended | None:
    return _let_go(row["order_id"], services.expire)


def _release(row: Row) -> Mended | None:
    return _let_go(row["order_id"], services.release)


def _release_orphan(row: Row) -> Mended | None:
    order_id = row["order_id"]
    if Logged.objects.filter(partition_key=str(order_id)).exclude(source=_OURS).exists():
        raise NotSafe("others have told of this order, so it may be there all the same: compare with a backup")
    return _let_go(order_id, services.release)


def _let_go(order_id: UUID, service: Callable[..., None]) -> Mended | None:
    services.lock_levels(skus=(), order_ids=[order_id])
    before = Reservation.objects.locked().get(order_id=order_id)
    service(order_ids=[order_id])
    after = Reservation.objects.get(order_id=order_id)
    if after.version == before.version:
        return None
    pieces = {line.sku: line.held for line in before.lines.all()}
    told = {"state": before.state, "held": pieces}
    return Mended(subject=f"reservations/{before.pk}", before=told, after={"state": after.state, "held": {}})


EXPIRE = Repair(deed="The hold is ended.", action="reservation.released", mend=_expire)
RELEASE = Repair(deed="The reservation is released.", action="reservation.released", mend=_release)
RELEASE_ORPHAN = Repair(
    deed="The reservation is released, unless others have told of such an order.",
    action="reservation.released",
    mend=_release_orphan,
)
