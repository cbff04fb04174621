"""`manage.py asyncapi`: writes what grows, and refuses what breaks."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop.events.asyncapi import document


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document to write over."""
    file = tmp_path / "asyncapi.json"
    monkeypatch.setattr(document, "FILE", file)
    return file


def test_a_document_is_written_and_is_then_no_news(file: Path) -> None:
    call_command("asyncapi")

    call_command("asyncapi", check=True)
    assert json.loads(file.read_text()) == document.made()


def test_a_document_that_is_missing_or_old_is_told_and_left_alone(file: Path) -> None:
    with pytest.raises(CommandError, match=r"run `manage\.py asyncapi`"):
        call_command("asyncapi", check=True)
    assert not file.exists()

    known = document.made()
    known["components"]["messages"].pop("order.placed.v1")
    file.write_text(document.written(known))
    with pytest.raises(CommandError, match=r"run `manage\.py asyncapi`"):
        call_command("asyncapi", check=True)
    assert json.loads(file.read_text()) == known


@pytest.mark.parametrize("check", [True, False])
def test_a_document_is_not_written_over_by_one_that_breaks_somebody(file: Path, *, check: bool) -> None:
    known = document.made()
    known["components"]["schemas"]["OrderPlaced"]["properties"]["gift"] = {"type": "boolean"}
    file.write_text(document.written(known))

    with pytest.raises(CommandError, match=r"order\.placed, version 1: data\.gift is gone\.\n.*declare a new version"):
        call_command("asyncapi", check=check)

    assert json.loads(file.read_text()) == known
