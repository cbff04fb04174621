from django.apps import AppConfig


class RunnerConfig(AppConfig):
    name = "shop.runner"
    label = "runner"
