"""Payments over HTTP."""

from payments.api.views.bank import bank as bank
from payments.api.views.payments import PaymentViewSet as PaymentViewSet
from payments.api.views.refunds import RefundViewSet as RefundViewSet
