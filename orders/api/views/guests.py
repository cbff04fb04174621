"""The guest of an order: who it was can be forgotten, by themselves or by staff."""

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.access import OrderView, require_right
from shop.users import erasing


class OrderGuestViewSet(OrderView):
    required_scopes = {"destroy": "orders:write"}

    @extend_schema(
        operation_id="orders_erase_guest",
        summary="Erase who placed an order as a guest",
        description=(
            "Everything personal goes, everywhere, and the `access_token` opens nothing any more; books are kept, and "
            "an open order keeps its address until it ends. 404 where a customer placed it, or the guest is erased."
        ),
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        order = get_object_or_404(self.get_queryset().filter(guest__erased_at=None, guest__isnull=False), pk=pk)
        require_right(request, order, "users.change_guest")
        erasing.erase_guests(who=Q(pk=order.guest_id))
        return Response(status=204)
