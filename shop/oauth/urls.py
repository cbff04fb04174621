"""OAuth 2 and OpenID Connect: discovery in `/.well-known/`, the rest in `/identity/o/`; and where people sign in."""

from django.urls import include, path

from shop.oauth.views import Authorization, SignIn, Tokens

urlpatterns = [
    path("login", SignIn.as_view(), name="account_login"),
    path("login", SignIn.as_view(), name="account_reauthenticate"),
    path("identity/o/authorize", Authorization.as_view()),
    path("identity/o/api/token", Tokens.as_view()),
    path("", include("allauth.idp.urls")),
]
