"""`manage.py up`: the whole product, until Ctrl-C."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from shop.runner import stack
from shop.runner.home import Refusal, home_of
from shop.runner.ports import free_ports


class Command(BaseCommand):
    """Reads the command line, and hands over to the stack."""

    help = "Start servers, web and workers under one supervisor; Ctrl-C stops them."
    requires_system_checks = ()  # there is no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--home", metavar="DIR", help="where to keep state (SHOP_HOME; .data of the checkout)")
        parser.add_argument("--port", type=_port, default=os.environ.get("PORT", "8000"), help="0 takes a free one")
        parser.add_argument("--no-seed", action="store_true", help="leave the database without demo data")

    def handle(self, *_args: Any, **options: Any) -> None:
        port = options["port"] or free_ports(1)[0]
        home = home_of(settings.BASE_DIR, options["home"])
        try:
            stack.run(home, settings.BASE_DIR, port=port, seed=not options["no_seed"])
        except Refusal as refusal:
            sys.exit(str(refusal))


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 2**16:
        return int(text)
    raise ArgumentTypeError(f"{text} is not a port")
