"""Signing in by a page of ours: in the admin, and where somebody allows a program to act for them.

It keeps what allauth's own login keeps: limits on wrong passwords, and second factors.
"""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.utils import has_verified_email
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib.auth.forms import AuthenticationForm

from shop.users.models import User


class SignInForm(AuthenticationForm):
    """E-mail address, password, and a code where the account asks for one."""

    code = forms.CharField(
        required=False,
        max_length=40,
        help_text="If your account has a second factor: from your app, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request and email and password:
            found = get_adapter().authenticate(self.request, email=email, password=password)
            if found is None:
                raise self.get_invalid_login_error()
            self.user_cache = cast("User", found)
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if is_mfa_enabled(user) and not self._is_confirmed(user):
            raise forms.ValidationError("This account needs the right code, too.", code="code_wrong")

    def _is_confirmed(self, user: User) -> bool:
        return AuthenticateForm(user=user, data={"code": self.cleaned_data.get("code", "")}).is_valid()


class CustomerSignInForm(SignInForm):
    """For everybody who has shown that their address is theirs."""

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not has_verified_email(user):
            raise forms.ValidationError("The address of this account has not been verified yet.", code="unverified")
