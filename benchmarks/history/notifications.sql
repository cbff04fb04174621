-- What was written to people, because of which event. Those who are erased are written to no more, nor is it kept.
INSERT INTO notifications_message (
    id, version, event_id, recipient_id, channel, address, subject, body, created_at, sent_at
)
SELECT
    pg_temp.id_at(at, type || ' mail ' || plan.n), 2, pg_temp.id_at(at, type || 'orders/' || plan.order_id),
    coalesce(plan.customer_id, plan.guest_id), 'email', coalesce(customers.email, users_guest.email),
    format(words, number), format(words || '. Thank you for shopping with us.', number), at + interval '300 ms',
    at + interval '1 s'
FROM plan JOIN orders_order AS placed ON placed.id = plan.order_id
CROSS JOIN LATERAL (VALUES
    ('order.placed', plan.placed_at, 'We have received your order %%s'),
    ('order.confirmed', plan.confirmed_at, 'Your order %%s is confirmed'),
    ('order.shipped', plan.shipped_at, 'Your order %%s has left'),
    ('order.cancelled', plan.cancelled_at, 'Your order %%s was cancelled')
) AS told (type, at, words)
LEFT JOIN customers ON customers.id = plan.customer_id
LEFT JOIN users_guest ON users_guest.id = plan.guest_id
WHERE at IS NOT NULL AND users_guest.erased_at IS NULL
ORDER BY plan.n;
