"""What can be done with payments. Payments are always locked before their refunds and attempts."""

from payments.services.calls import Intent as Intent
from payments.services.calls import Refused as Refused
from payments.services.calls import begin_calls as begin_calls
from payments.services.calls import keep_late_answer as keep_late_answer
from payments.services.calls import settle_calls as settle_calls
from payments.services.comparing import differences as differences
from payments.services.forgetting import forget as forget
from payments.services.looking import NothingToDo as NothingToDo
from payments.services.looking import look as look
from payments.services.looking import look_again as look_again
from payments.services.moving import NEXT as NEXT
from payments.services.moving import go_on as go_on
from payments.services.refunds import NewReturn as NewReturn
from payments.services.refunds import NotRefundable as NotRefundable
from payments.services.refunds import refund as refund
from payments.services.refunds import refund_returns as refund_returns
from payments.services.refunds import refundable as refundable
from payments.services.wishes import NewPayment as NewPayment
from payments.services.wishes import give_back as give_back
from payments.services.wishes import open_payments as open_payments
from payments.services.wishes import take as take
