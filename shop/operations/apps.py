from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """What those ask who run the shop: whether it lives, how much there is to do, and who is at it."""

    name = "shop.operations"
    label = "operations"
