"""What a linter of imports cannot see: tables, strings and signals that would tie two domains together."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_save

from shop.states import Guarded

DOMAINS = ("orders", "payments", "inventory", "notifications")
SHARED = {"users", "catalogue", "auth", "contenttypes"}
"""Whose tables a domain may refer to beside its own."""


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_relation_of_a_model_leads_to_another_domain(domain: str) -> None:
    led_to = {
        str(relation.related_model._meta.app_label)
        for model in apps.get_app_config(domain).get_models()
        for relation in model._meta.get_fields()
        if relation.is_relation and relation.related_model
    }

    assert led_to <= {domain, *SHARED}


@pytest.mark.django_db
def test_no_foreign_key_of_a_table_leads_to_another_domain() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        )
        keys = cursor.fetchall()

    domains_of = [(_domain(table), _domain(other)) for table, other in keys]
    assert len(keys) > 5
    assert [(own, other) for own, other in domains_of if own in DOMAINS and other not in {own, *SHARED}] == []


def _domain(table: str) -> str:
    return table.partition("_")[0]


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_string_names_another_domains_code(domain: str) -> None:
    others = "|".join(other for other in DOMAINS if other != domain)
    naming = re.compile(rf"({others})(\.\w+)+")

    found = [
        f"{path}:{node.lineno} {node.value!r}"
        for path, node in _nodes(domain)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and naming.fullmatch(node.value)
    ]

    assert found == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_model_is_fetched_by_its_name_but_by_migrations_which_cannot_import_it(domain: str) -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, node in _nodes(domain)
        if "migrations" not in path.parts
        and isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in {"get_model", "__import__", "import_module"}
    ]

    assert found == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_migration_waits_for_another_domains(domain: str) -> None:
    others = set(DOMAINS) - {domain}

    found = [
        f"{path}:{node.lineno}"
        for path, node in _nodes(f"{domain}/migrations")
        if isinstance(node, ast.Tuple)
        and any(isinstance(part, ast.Constant) and part.value in others for part in node.elts)
    ]

    assert found == []


def test_no_statement_writes_a_guarded_table_past_its_model() -> None:
    tables = "|".join(model._meta.db_table for model in apps.get_models() if issubclass(model, Guarded))
    writing = re.compile(rf"(UPDATE|INSERT INTO|DELETE FROM)\s+\"?({tables})\b", re.IGNORECASE)

    found = [
        f"{path}:{node.lineno}"
        for folder in (*DOMAINS, "shop")
        for path, node in _nodes(folder)
        if "migrations" not in Path(path).parts  # a new shape for what is there already is no news
        and isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and writing.search(node.value)
    ]

    assert found == []


@pytest.mark.parametrize("domain", [*DOMAINS, "shop.users", "shop.catalogue"])
def test_every_function_of_publishers_is_connected(domain: str) -> None:
    path = Path(settings.BASE_DIR, *domain.split("."), "publishers.py")
    if not path.exists():
        return
    module = import_module(f"{domain}.publishers")
    functions = [
        function
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    ]
    connected = [reference() for _, reference, *_ in post_save.receivers]

    assert functions
    assert [function.__name__ for function in functions if function not in connected] == []


def test_publishers_only_publish() -> None:
    """A name that begins otherwise would be something that the map of events does not show."""
    names = [
        name
        for domain in DOMAINS
        if Path(settings.BASE_DIR, domain, "publishers.py").exists()
        for name, function in getmembers(import_module(f"{domain}.publishers"), isfunction)
        if function.__module__ == f"{domain}.publishers"
    ]

    assert names
    assert all(name.startswith("publish_") for name in names)


def _nodes(folder: str) -> Iterator[tuple[Path, ast.expr]]:
    """Every expression in the source below a folder of the checkout."""
    root = Path(settings.BASE_DIR)
    for path in sorted((root / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.expr):
                yield path.relative_to(root), node
