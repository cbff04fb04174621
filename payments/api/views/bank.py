"""`/dev/bank/<charge>`: the sandbox gateway's bank, where a customer lets a payment through. In development only."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from payments import services
from payments.gateways import sandbox
from payments.models import Payment


@csrf_exempt  # it stands for a bank elsewhere, with which nobody is logged in; programs may answer, too
@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"style-src": UNSAFE_INLINE})  # type: ignore[arg-type]  # it hands on whatever the address holds
def bank(request: HttpRequest, charge: str) -> HttpResponse:
    """Ask the customer, and tell the shop what they said, as a gateway would."""
    if request.method != "POST":
        return render(request, "payments/bank.html", {"charge": charge})
    approved = request.POST.get("answer") == "approve"
    heard = sandbox.bank_says(charge=charge, approved=approved)
    if heard:
        services.look_again(payment_ids=Payment.objects.filter(charge=charge).values_list("pk", flat=True))
    status = 200 if heard else 409
    return render(request, "payments/bank.html", {"heard": heard, "approved": approved}, status=status)
