from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """What those ask who run the shop: whether it lives, how much there is to do, who is at it, and what went wrong."""

    name = "shop.operations"
    label = "operations"

    def ready(self) -> None:
        from shop.operations import extras

        extras.begin()
