"""What would break clients is told, and what only adds is not."""

from collections.abc import Callable
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from shop.api.openapi import changes, document

Change = Callable[[dict[str, Any]], object]

_DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": {
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/Thing"}}}}},
            },
            "post": {
                "parameters": [{"$ref": "#/components/Key"}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 10}}}
                        }
                    }
                },
                "responses": {"201": {"description": "Made."}, "400": {"description": "Refused."}},
            },
        }
    },
    "components": {
        "Thing": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Key": {"name": "Key", "in": "header", "required": True, "schema": {"type": "string"}},
    },
}


def _get(made: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = made["paths"]["/things"]["get"]
    return operation


def _post(made: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = made["paths"]["/things"]["post"]
    return operation


def _sent(made: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = _post(made)["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _broken(change: Change) -> list[str]:
    new = deepcopy(_DOCUMENT)
    change(new)
    return changes.broken(_DOCUMENT, new)


_BREAKS: dict[str, tuple[Change, str]] = {
    "an operation": (lambda new: new["paths"]["/things"].pop("get"), "GET /things: is gone."),
    "a path": (lambda new: new["paths"].clear(), "POST /things: is gone."),
    "a parameter": (lambda new: _get(new)["parameters"].clear(), "GET /things: the parameter q (query) is gone."),
    "a parameter that is required": (
        lambda new: _get(new)["parameters"][0].update(required=True),
        "GET /things: the parameter q (query) is required now.",
    ),
    "a new parameter that is required": (
        lambda new: _get(new)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
        "GET /things: the parameter x (query) is required now.",
    ),
    "another type of parameter": (
        lambda new: _get(new)["parameters"][0].update(schema={"type": "integer"}),
        "GET /things: q (query) was string and is integer.",
    ),
    "a body that is required": (
        lambda new: _post(new)["requestBody"].update(required=True),
        "POST /things: a body is required now.",
    ),
    "a body that is not taken": (
        lambda new: _post(new).pop("requestBody"),
        "POST /things: no body of application/json is taken any more.",
    ),
    "a member that is required": (
        lambda new: _sent(new).update(required=["name"]),
        "POST /things: the body.name is required now.",
    ),
    "a stricter member": (
        lambda new: _sent(new)["properties"]["name"].update(maxLength=5),
        "POST /things: the body.name is stricter: maxLength 5, and was 10.",
    ),
    "an answer": (lambda new: _post(new)["responses"].pop("201"), "POST /things: it no longer answers 201."),
    "a member of an answer": (
        lambda new: new["components"]["Thing"].update(properties={}, required=[]),
        "GET /things: 200.name is gone.",
    ),
    "an answer's form": (
        lambda new: _get(new)["responses"]["200"].update(content={"text/plain": {"schema": {}}}),
        "GET /things: 200 no longer comes as application/json.",
    ),
}


@pytest.mark.parametrize("case", _BREAKS)
def test_what_breaks_a_client_is_told_in_a_sentence(case: str) -> None:
    change, sentence = _BREAKS[case]

    assert sentence in _broken(change)


_GROWS: dict[str, Change] = {
    "nothing": len,
    "another path": lambda new: new["paths"].update({"/more": {}}),
    "a parameter that may be left out": lambda new: _get(new)["parameters"].append(
        {"name": "x", "in": "query", "schema": {}}
    ),
    "a member that may be left out": lambda new: _sent(new)["properties"].update(colour={"type": "string"}),
    "a longer name": lambda new: _sent(new)["properties"]["name"].update(maxLength=20),
    "a member of an answer": lambda new: new["components"]["Thing"]["properties"].update(colour={"type": "string"}),
    "another error": lambda new: _post(new)["responses"].update({"409": {"description": "Not now."}}),
    "an error less": lambda new: _post(new)["responses"].pop("400"),
}


@pytest.mark.parametrize("case", _GROWS)
def test_what_only_adds_breaks_nobody(case: str) -> None:
    assert _broken(_GROWS[case]) == []


def test_the_command_refuses_to_write_what_breaks_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    before = document.FILE.read_text()
    less = deepcopy(document.committed())
    del less["paths"]["/api/v1/orders"]
    monkeypatch.setattr(document, "made", lambda: less)

    with pytest.raises(CommandError, match="POST /api/v1/orders: is gone"):
        call_command("openapi", stdout=StringIO())

    assert document.FILE.read_text() == before


def test_the_command_says_when_there_is_something_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    more = deepcopy(document.committed())
    more["info"]["title"] = "Another shop"
    monkeypatch.setattr(document, "made", lambda: more)

    with pytest.raises(CommandError, match=r"run `manage\.py openapi`"):
        call_command("openapi", "--check", stdout=StringIO())
