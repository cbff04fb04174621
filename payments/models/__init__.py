"""Payments, every attempt to move their money at the gateway, and what is given back of them."""

from payments.models.attempts import SETTLED as SETTLED
from payments.models.attempts import Attempt as Attempt
from payments.models.attempts import Operation as Operation
from payments.models.attempts import Outcome as Outcome
from payments.models.payments import Payment as Payment
from payments.models.payments import Status as Status
from payments.models.payments import Wish as Wish
from payments.models.refunds import Refund as Refund
from payments.models.refunds import RefundStatus as RefundStatus
