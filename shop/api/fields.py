"""What serializers of requests are made of: JSON is taken at its word, and nothing that was sent is silently lost."""

from functools import cache
from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members that it does not know, so that a misspelt one is not silently lost."""

    @classmethod
    def validated(cls, data: Any) -> dict[str, Any]:
        """What was sent, as `is_valid` would have it; all requests share one serializer, which is dear to make.

        Raises `ValidationError`.
        """
        if data is None:
            cls(data=data).is_valid(raise_exception=True)  # which has words of its own for nothing at all
        validated: dict[str, Any] = _shared(cls).run_validation(data)
        return validated

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail("This member is not known here.", "unknown") for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


@cache
def _shared(form: type[StrictSerializer]) -> StrictSerializer:
    return form()


class WholeNumber(serializers.IntegerField):
    """An integer in JSON: not "2", not 2.0, not true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A string in JSON: DRF would take 12 for "12"."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class YesOrNo(serializers.BooleanField):
    """A boolean in JSON: DRF would take 0, "off" and "n" for false."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data
