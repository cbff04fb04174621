"""The scopes that a grant may hold: an API key, or what somebody allowed a program of another's to do."""

SCOPES = {
    "orders:read": "See orders, their lines and their stories.",
    "orders:write": "Place, change and cancel orders.",
    "shipments:write": "Ship orders and follow their parcels.",
    "products:read": "See products, also those that are not for sale.",
    "products:write": "Change products, prices and categories.",
    "users:read": "See accounts and their addresses.",
    "users:write": "Change accounts and their addresses.",
    "keys:write": "Make, see and revoke API keys.",
    "inventory:read": "See what is in stock, and where.",
    "inventory:write": "Adjust the stock and send readings.",
    "payments:read": "See payments and refunds.",
    "payments:write": "Capture and refund payments.",
    "notifications:read": "See which messages were sent.",
    "notifications:write": "Mark messages as read, and choose what to hear of.",
    "events:read": "Read the feed of events.",
}
"""Every scope, with a sentence for whoever is asked to grant it."""
