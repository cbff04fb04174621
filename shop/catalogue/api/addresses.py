"""What stands in the addresses of several resources."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from shop.catalogue.models.slugs import SKU


class SkuConverter(StringConverter):
    """`<sku:sku>`: what can be no SKU is not found, whatever else it is."""

    regex = SKU.strip("^$")


register_converter(SkuConverter, "sku")
