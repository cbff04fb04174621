"""Messages and preferences as JSON, in and out."""

from typing import Any

from rest_framework import serializers

from notifications import services
from notifications.models import Channel, Kind, Message, Preference
from shop.api.fields import StrictSerializer, YesOrNo


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What somebody is told in the app; `links.order` is null where it is about no order."""

    title = serializers.CharField(source="subject")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ("id", "kind", "language", "title", "body", "created_at", "read_at", "links")

    def get_links(self, message: Message) -> dict[str, str | None]:
        order = f"/api/v1/orders/{message.order_id}" if message.order_id else None
        return {"self": f"/api/v1/notifications/{message.pk}", "order": order}


class MessageChangesSerializer(StrictSerializer):
    read = YesOrNo()


class ChannelsSerializer(StrictSerializer):
    """By which channels somebody hears of a kind."""

    email = YesOrNo(required=False)
    app = YesOrNo(required=False)


class ShownChannelsSerializer(serializers.Serializer[Any]):
    email = serializers.BooleanField()
    app = serializers.BooleanField()
    mandatory = serializers.ListField(child=serializers.CharField(), help_text="Channels that cannot be switched off.")


class PreferenceSerializer(serializers.Serializer[Preference]):
    """What somebody hears of, kind by kind."""

    kinds = serializers.DictField(child=ShownChannelsSerializer())

    def to_representation(self, preference: Preference) -> dict[str, Any]:
        kinds = services.kinds_for(self.context["request"].user)
        return {"kinds": {str(kind): _channels(preference, kind) for kind in kinds}}


class PreferenceChangesSerializer(StrictSerializer):
    """What is to be switched on or off; what is left out stays."""

    kinds = serializers.DictField(child=ChannelsSerializer())

    def validate_kinds(self, kinds: dict[str, Any]) -> dict[Kind, dict[Channel, bool]]:
        known = {str(kind) for kind in services.kinds_for(self.context["request"].user)}
        if unknown := sorted(kinds.keys() - known):
            told = serializers.ErrorDetail("This kind is not known here.", "unknown")
            raise serializers.ValidationError(dict.fromkeys(unknown, told))
        return {
            Kind(kind): {Channel(channel): is_wanted for channel, is_wanted in channels.items()}
            for kind, channels in kinds.items()
        }


def _channels(preference: Preference, kind: Kind) -> dict[str, Any]:
    is_open = {str(channel): services.is_open(preference, kind, channel) for channel in Channel}
    return is_open | {"mandatory": [str(channel) for channel in Channel if services.is_required(kind, channel)]}
