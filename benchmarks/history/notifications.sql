-- What was written to people, because of which event. Those who are erased are written to no more, nor is it kept.
INSERT INTO notifications_message (
    id, version, event_id, order_id, recipient_id, channel, kind, language, facts, address, subject, body, requests, error,
    created_at, sent_at
)
SELECT
    pg_temp.id_at(at, kind || ' mail ' || plan.n), 2, pg_temp.id_at(at, type || 'orders/' || plan.order_id), plan.order_id,
    coalesce(plan.customer_id, plan.guest_id), 'email', kind, 'en', facts || more,
    coalesce(customers.email, users_guest.email), format(words, number), format(words, number), 0, '',
    at + interval '300 ms', at + interval '1 s'
FROM plan JOIN orders_order AS placed ON placed.id = plan.order_id
CROSS JOIN LATERAL (
    SELECT jsonb_build_object(
        'order_id', placed.id, 'number', number::text, 'total', jsonb_build_object('amount', total, 'currency', currency),
        'lines', jsonb_agg(jsonb_build_object(
            'sku', sku, 'name', title, 'quantity', quantity, 'unit_price', unit_price
        ) ORDER BY line)
    ) AS facts
    FROM wanted WHERE wanted.n = plan.n
) AS about
CROSS JOIN LATERAL (VALUES
    ('order.placed', 'received', plan.placed_at, 'We have received your order %%s', '{}'::jsonb),
    ('order.confirmed', 'confirmed', plan.confirmed_at, 'Your order %%s is confirmed', '{}'),
    ('order.shipped', 'shipped', plan.shipped_at, 'Your order %%s has left',
        '{"complete": true, "carrier": "Pigeon Post", "tracking_number": "", "tracking_url": ""}'),
    ('order.cancelled', 'cancelled', plan.cancelled_at, 'Your order %%s was cancelled',
        jsonb_build_object('reason', cancellation_reason, 'cancelled_by', cancelled_by))
) AS told (type, kind, at, words, more)
LEFT JOIN customers ON customers.id = plan.customer_id
LEFT JOIN users_guest ON users_guest.id = plan.guest_id
WHERE at IS NOT NULL AND users_guest.erased_at IS NULL
ORDER BY plan.n;
