"""Setting a password by a code, without telling on the way whether there is an account.

allauth judges the new password only where there is an account, and counts wrong codes only there: either would tell.
"""

from typing import Any

from allauth.headless.account.inputs import ResetPasswordInput, ResetPasswordKeyInput
from allauth.headless.account.views import ResetPasswordView as AllauthView
from allauth.headless.internal.restkit.response import ErrorResponse
from django.http import HttpRequest, HttpResponse


class DiscreetInput(ResetPasswordInput):
    """The new password is judged once the code is right."""

    def clean(self) -> dict[str, Any]:
        if "key" in self.errors:
            return self.cleaned_data
        judged: dict[str, Any] = super().clean()  # type: ignore[no-untyped-call]
        return judged


class ResetPasswordView(AllauthView):
    """allauth's, but that it counts wrong codes for accounts that are not there, too."""

    input_class = DiscreetInput

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if self.process is None or self.process.user:
            return super().get(request, *args, **options)
        wrong = ResetPasswordKeyInput({"key": request.headers.get("X-Password-Reset-Key", "")}, code="")
        wrong.is_valid()
        self.process.record_invalid_attempt()
        return ErrorResponse(request, input=wrong)
