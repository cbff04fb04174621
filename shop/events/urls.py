from django.urls import path

from shop.events.asyncapi.views import AsyncApiDocument
from shop.events.views import EventSchema, EventTypes, Feed

urlpatterns = [
    path("events", Feed.as_view()),
    path("asyncapi.json", AsyncApiDocument.as_view()),
    path("event-types", EventTypes.as_view()),
    path("event-types/<str:name>/<int:version>", EventSchema.as_view(), name="event-schema"),
]
