"""`/media/demo/<shape>-<colour>.svg`: pictures of the demo's products. In development only."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shop.catalogue.pictures import NoPicture, draw


@require_safe
def picture(request: HttpRequest, shape: str, colour: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A thing in a colour."""
    try:
        drawn = draw(shape, colour)
    except NoPicture as error:
        raise Http404 from error
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})
