import pytest
from django.http import Http404
from django.test import Client, RequestFactory

from shop.catalogue.api.pictures import picture


def test_a_thing_is_drawn_in_its_colour() -> None:
    answer = picture(RequestFactory().get("/"), "mug", "blue")

    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert b'aria-label="mug in blue"' in answer.content


@pytest.mark.parametrize(("shape", "colour"), [("mug", "plaid"), ("spaceship", "blue"), ("__class__", "blue")])
def test_what_nobody_draws_is_not_found(shape: str, colour: str) -> None:
    with pytest.raises(Http404):
        picture(RequestFactory().get("/"), shape, colour)


@pytest.mark.django_db
def test_outside_of_development_there_are_no_pictures(client: Client) -> None:
    assert client.get("/media/demo/mug-blue.svg").status_code == 404
