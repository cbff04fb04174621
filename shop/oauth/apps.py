from django.apps import AppConfig


class OAuthConfig(AppConfig):
    name = "shop.oauth"
    label = "oauth"
