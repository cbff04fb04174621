"""What a sign-up may carry beside e-mail address and password."""

from django import forms
from django.http import HttpRequest

from shop.users.lines import check_line
from shop.users.models import Language, User


class SignupForm(forms.Form):
    """allauth makes its sign-up of this one; the adapter puts what it holds into the account before it is saved."""

    name = forms.CharField(max_length=200, required=False, validators=[check_line])
    language = forms.ChoiceField(choices=Language.choices, required=False)

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth's hook after the account was saved; there is nothing left to do."""
