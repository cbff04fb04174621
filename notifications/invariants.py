"""What always holds of messages."""

from shop.doctor import Invariant

INVARIANTS = [
    Invariant(
        claim="every mail has left, was refused, or is still to be sent",
        broken="""
            SELECT kind, recipient_id, created_at FROM notifications_message AS message
            WHERE channel = 'email' AND sent_at IS NULL AND failed_at IS NULL AND address <> ''
                AND created_at < shop_now() - interval '1 hour'
                AND NOT EXISTS (SELECT FROM bus_delivery d WHERE d.event_id = message.event_id)
                AND NOT EXISTS (SELECT FROM bus_deadletter l WHERE l.event_id = message.event_id)
        """,
        remedy="Send it again from the admin, once the mail server is well.",
    ),
]
