"""What always holds of messages."""

from shop.doctor import Invariant, number_of

_AHEAD = """(
    SELECT event_id, handler, queue FROM bus_delivery UNION ALL SELECT event_id, handler, queue FROM bus_deadletter
)"""

UNCHECKED = ["whether a mail that left has arrived, and once: the mail server knows"]

INVARIANTS = [
    Invariant(
        claim="a mail has left, or was refused, or is on its way, or a dead letter",
        broken=f"""
            SELECT {number_of("order_id")} AS number, order_id, id AS message_id, kind, created_at
            FROM notifications_message AS message
            WHERE channel = 'email' AND sent_at IS NULL AND failed_at IS NULL AND subject <> ''
                AND created_at >= %(since)s AND NOT EXISTS (
                    SELECT FROM {_AHEAD} AS ahead LEFT JOIN bus_event AS event ON event.id = ahead.event_id
                    WHERE ahead.queue = 'notifications.out'
                        AND (ahead.event_id = message.event_id OR event.subject = 'notifications/' || message.id))
        """,  # noqa: S608 - the part put in is ours
        remedy="Send the message again from its page in the admin; then look why its delivery was lost.",
    ),
    Invariant(
        claim="an alert that gathers will be told, or is a dead letter",
        broken=f"""
            SELECT kind, count, opened_at FROM notifications_alert AS alert
            WHERE closed_at IS NULL AND NOT EXISTS (
                SELECT FROM {_AHEAD} AS ahead JOIN bus_event AS event ON event.id = ahead.event_id
                WHERE ahead.handler = 'notifications.write_alert' AND event.subject = 'alerts/' || alert.id)
        """,  # noqa: S608 - the part put in is ours
        remedy="Close the alert, so that what happens from now on opens another; then read what it gathered.",
    ),
]
