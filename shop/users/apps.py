from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class UsersConfig(AppConfig):
    name = "shop.users"
    label = "users"

    def ready(self) -> None:
        from shop.users.logins import note_login

        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_login)
