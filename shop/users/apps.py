from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "shop.users"
    label = "users"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in as came_through_allauth
        from allauth.usersessions.signals import on_user_logged_in

        from shop.users import roles
        from shop.users.logins import list_session, note_login

        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_login)
        came_through_allauth.disconnect(on_user_logged_in)
        came_through_allauth.connect(list_session)
        post_migrate.connect(roles.keep, sender=self, dispatch_uid="users.roles")
