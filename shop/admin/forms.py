"""The door of the admin."""

from typing import Any

from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from shop.users.signing_in import SignInForm


class StaffSignInForm(SignInForm, AuthenticationForm):
    """For staff, with the second factor that they may have."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)
