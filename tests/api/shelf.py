"""A list and a resource over people, to try what all lists and resources share."""

from django.db.models import QuerySet
from django.urls import path
from django_filters import CharFilter, NumberFilter
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api import conditional
from shop.api.filters import Filters, MomentFilter
from shop.users.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("email", "name")


class PersonFilters(Filters):
    name = CharFilter()
    joined__gte = MomentFilter("date_joined", lookup_expr="gte")
    joined__lt = MomentFilter("date_joined", lookup_expr="lt")
    version = NumberFilter()


class People(ListModelMixin, GenericViewSet[User]):
    authentication_classes = ()
    permission_classes = ()
    serializer_class = PersonSerializer
    filterset_class = PersonFilters
    orderings = {"oldest": ("date_joined", "id"), "name": ("-name", "id")}

    queryset: QuerySet[User] = User.objects.all()

    def retrieve(self, request: Request, **_key: object) -> Response:
        person = self.get_object()
        return conditional.shown(request, person, self.get_serializer(person).data)

    def update(self, request: Request, **_key: object) -> Response:
        person = self.get_object()
        conditional.require_match(request, person)
        person.name = str(request.data)
        person.save()
        return conditional.shown(request, person, self.get_serializer(person).data)


class Names(People):
    def list(self, request: Request) -> Response:
        return conditional.published(request, [person.name for person in self.get_queryset().order_by("name")])

    @conditional.tagged
    def paged(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        answer = self.get_paginated_response([person.name for person in page or ()])
        if request.headers.get("X-Secret"):
            answer["Cache-Control"] = "no-store"
        return answer

    @conditional.needs_match
    @conditional.tagged
    def rename(self, request: Request) -> Response:
        (person,) = self.get_queryset()
        conditional.require_tag(request, conditional.content_tag([person.name]))
        person.name = str(request.data)
        person.save()
        return Response([person.name])


class Secrets(Names):
    limits = {"list": "secrets"}


urlpatterns = [
    path("secrets", Secrets.as_view({"get": "list"})),
    path("people", People.as_view({"get": "list"})),
    path("people/<uuid:pk>", People.as_view({"get": "retrieve", "put": "update"})),
    path("names", Names.as_view({"get": "list", "put": "rename"})),
    path("names/pages", Names.as_view({"get": "paged"})),
]
