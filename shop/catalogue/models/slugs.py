"""Names in addresses."""

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

SKU = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""Nothing that an address, a list with commas or the subject of an event would have to escape."""
