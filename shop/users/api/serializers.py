"""People and their addresses as JSON, in and out."""

from rest_framework import serializers

from shop.api.fields import StrictSerializer, Text, YesOrNo
from shop.users.lines import check_line
from shop.users.models import Address, Language, User

_COUNTRY = "An ISO 3166 code such as DE."


class UserSerializer(serializers.ModelSerializer[User]):
    email_verified = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "email_verified",
            "name",
            "language",
            "marketing",
            "is_staff",
            "date_joined",
            "links",
        )

    def get_email_verified(self, user: User) -> bool:
        return user.emailaddress_set.filter(email=user.email, verified=True).exists()

    def get_links(self, user: User) -> dict[str, str]:
        here = f"/api/v1/users/{user.pk}"
        return {"self": here, "addresses": f"{here}/addresses", "export": f"{here}/export"}


class UserChangesSerializer(StrictSerializer):
    """What people may change about themselves here. E-mail address and password are allauth's."""

    name = Text(max_length=200, required=False, allow_blank=True, validators=[check_line])
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    marketing = YesOrNo(required=False)


class ErasureSerializer(StrictSerializer):
    """Who erases shows that it is them."""

    password = Text(required=False, allow_blank=True, trim_whitespace=False, max_length=1000)


class AddressSerializer(serializers.ModelSerializer[Address]):
    links = serializers.SerializerMethodField()

    class Meta:
        model = Address
        fields = (
            "id",
            "name",
            "line1",
            "line2",
            "city",
            "postal_code",
            "region",
            "country",
            "default_shipping",
            "default_billing",
            "created_at",
            "links",
        )

    def get_links(self, address: Address) -> dict[str, str]:
        return {"self": f"/api/v1/users/{address.user_id}/addresses/{address.pk}"}


class AddressFieldsSerializer(StrictSerializer):
    """An address as it is sent: the shape that an order's address has, and what it is the default for."""

    name = Text(max_length=200, validators=[check_line])
    line1 = Text(max_length=200, validators=[check_line])
    line2 = Text(max_length=200, required=False, allow_blank=True, validators=[check_line])
    city = Text(max_length=100, validators=[check_line])
    postal_code = Text(max_length=20, validators=[check_line])
    region = Text(max_length=100, required=False, allow_blank=True, validators=[check_line])
    country = serializers.RegexField("^[A-Z]{2}\\Z", error_messages={"invalid": _COUNTRY})
    default_shipping = YesOrNo(required=False)
    default_billing = YesOrNo(required=False)
