"""The commands of `manage.py` that are ours, and what `make` knows."""

import re
from argparse import Action, ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, get_commands, load_command_class

from handbook.markdown import code, section, table

_TARGET = re.compile(r"^([a-z-]+):.*?## (.*)$", re.MULTILINE)


def made() -> str:
    makefile = (settings.BASE_DIR / "Makefile").read_text()
    targets = table(
        ("command", "what for"), ((code(f"make {name}"), words) for name, words in _TARGET.findall(makefile))
    )
    return "\n".join([section("make", targets), section("manage.py", *map(_section, commands()))])


def commands() -> Iterator[tuple[str, BaseCommand]]:
    """Those whose code is in this checkout, by name."""
    for name, app in sorted(get_commands().items()):
        command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
        if _is_ours(command):
            yield name, command


def _is_ours(command: BaseCommand) -> bool:
    parts = type(command).__module__.split(".")
    return Path(settings.BASE_DIR, *parts).with_suffix(".py").exists()


def _section(found: tuple[str, BaseCommand]) -> str:
    name, command = found
    options = [(code(_written(each)), each.help % vars(each) if each.help else "") for each in _own(command, name)]
    return section(name, command.help, table(("option", "meaning"), options) if options else "", level=3)


def _own(command: BaseCommand, name: str) -> list[Action]:
    """The options that the command adds to those of every command of Django."""
    common = {each.dest for each in _actions(BaseCommand().create_parser("manage.py", name))}
    return [each for each in _actions(command.create_parser("manage.py", name)) if each.dest not in common]


def _actions(parser: ArgumentParser) -> list[Action]:
    return parser._actions  # noqa: SLF001 - argparse has no other way to ask


def _written(option: Action) -> str:
    wants_value = option.nargs != 0
    value = option.metavar or option.dest.upper()
    return " ".join([*option.option_strings[-1:], *([str(value)] if wants_value else [])])
