"""allauth's authorization and token endpoints, made stricter where OAuth 2.1 is."""

import hashlib
import re
from typing import Any

from allauth.idp.oidc.internal.oauthlib.utils import respond_html_error
from allauth.idp.oidc.models import Token
from allauth.idp.oidc.views import AuthorizationView, TokenView
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator

from shop.sweeping import sweep
from shop.users.signing_in import CustomerSignInForm

_CODE = re.compile(r"[A-Za-z0-9._~-]{0,200}")

_styled = method_decorator(csp_update({"style-src": UNSAFE_INLINE}), name="dispatch")


@_styled
class SignIn(LoginView):
    """`/login`: where somebody signs in who is to allow a program something, unless a frontend has signed them in."""

    template_name = "users/sign_in.html"
    authentication_form = CustomerSignInForm
    next_page = "/"


@_styled
class Authorization(AuthorizationView):
    """Every client proves by PKCE that the code is its own, also one that has a secret."""

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.GET.get("code_challenge_method") != "S256" or not request.GET.get("code_challenge"):
            told = ValidationError("A code_challenge is required, by the method S256.")
            answer = respond_html_error(request, error=told)
            answer.status_code = 400
            return answer
        return super().get(request, *args, **options)


class Tokens(TokenView):
    """One code or refresh token is taken once: a second request waits, and finds it used."""

    @transaction.atomic
    def post(self, request: HttpRequest) -> HttpResponse:
        if not _CODE.fullmatch(request.POST.get("code", "")):  # it would be looked for in the cache, as it is
            return JsonResponse({"error": "invalid_grant"}, status=400)
        for name in ("code", "refresh_token"):
            if value := request.POST.get(name):
                _wait_for(f"{name} {value}")
        sweep(lambda: Token.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at"))
        try:
            return super().post(request)
        except ValidationError as error:  # of `resource`, which allauth leaves to Django
            return JsonResponse({"error": "invalid_target", "error_description": error.messages[0]}, status=400)


def _wait_for(name: str) -> None:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
