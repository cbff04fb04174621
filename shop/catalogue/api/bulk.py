"""Many changes in one request: each item is judged by itself, and those that are good are done together."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from shop.api import problems
from shop.api.fields import StrictSerializer
from shop.api.problems import Problem
from shop.catalogue import services
from shop.catalogue.api.serializers.wanted import NewPricesSerializer
from shop.money import Money

_MOST_ITEMS = 1000


class BulkSerializer(StrictSerializer):
    """What is wrong with an item is told in its result; here they are only counted."""

    items = serializers.ListField(
        child=serializers.JSONField(allow_null=True), allow_empty=False, max_length=_MOST_ITEMS
    )


class ResultSerializer(serializers.Serializer[Any]):
    """What became of one item: `status` as if it had been a request of its own, and the problem if there is one."""

    sku = serializers.CharField(allow_null=True)
    status = serializers.IntegerField()
    problem = serializers.DictField(required=False)


class ResultsSerializer(serializers.Serializer[Any]):
    """A result for each item, in their order."""

    results = ResultSerializer(many=True)


def reprice(request: Request) -> list[dict[str, Any]]:
    """Set the prices that the request's items name; the results stand in their order."""
    bulk = BulkSerializer(data=request.data)
    bulk.is_valid(raise_exception=True)
    prices: dict[str, list[Money]] = {}
    judged = [_judge(item, prices) for item in bulk.validated_data["items"]]
    known = services.reprice(prices=prices)
    return [_result(request, sku, problem or _unknown(sku, known)) for sku, problem in judged]


def _judge(item: Any, prices: dict[str, list[Money]]) -> tuple[Any, Problem | None]:
    """An item's SKU and what is wrong with it; a good one is added to the prices to be set."""
    wanted = NewPricesSerializer(data=item)
    sku = item.get("sku") if isinstance(item, dict) else None
    try:
        wanted.is_valid(raise_exception=True)
    except serializers.ValidationError as error:
        return sku, problems.invalid(error)
    sku = wanted.validated_data["sku"]
    if sku in prices:
        return sku, Problem(400, "sku_repeated", "This SKU stands in an earlier item; that one counts.")
    prices[sku] = wanted.validated_data["prices"]
    return sku, None


def _unknown(sku: str, known: set[str]) -> Problem | None:
    return None if sku in known else Problem(404, "not_found", "There is no such SKU.")


def _result(request: Request, sku: Any, problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {"sku": sku, "status": 200}
    told = sku if isinstance(sku, str) else None
    return {"sku": told, "status": problem.status_code, "problem": problems.document(problem, request)}
