-- The money of each order, what was asked of the gateway for it, and the book of the sandbox that answered.
INSERT INTO payments_payment (
    id, version, order_id, order_number, customer_id, amount, currency, method, status, wish, busy, charge, decline_code,
    captured, refunded, action_url, action_until
)
SELECT
    payment_id, 3, plan.order_id, placed.number, coalesce(plan.customer_id, plan.guest_id), total, currency,
    payment_method,
    CASE payment_status WHEN 'partially_refunded' THEN 'captured' ELSE payment_status END,
    CASE WHEN plan.cancelled_at IS NOT NULL THEN 'give_back' WHEN plan.confirmed_at IS NULL THEN 'hold' ELSE 'take' END,
    false, 'ch_' || payment_id, CASE story WHEN 'declined' THEN 'card_declined' ELSE '' END,
    CASE WHEN plan.confirmed_at IS NULL THEN 0 ELSE total END,
    CASE
        WHEN refunded_at IS NULL THEN 0
        WHEN story = 'refunded_in_part' THEN total / 2
        WHEN story = 'called_off' THEN total
        ELSE back.refund
    END,
    CASE story WHEN 'waits' THEN '/dev/bank/ch_' || payment_id ELSE '' END,
    CASE story WHEN 'waits' THEN plan.placed_at + interval '55 minutes' END
FROM plan JOIN orders_order AS placed ON placed.id = plan.order_id
LEFT JOIN orders_return AS back ON back.order_id = plan.order_id
ORDER BY n;

INSERT INTO payments_refund (
    id, version, payment_id, amount, reason, status, return_id, requested_by_id, created_at, succeeded_at
)
SELECT
    pg_temp.id_at(refunded_at, 'refund ' || n), 2, payment_id, refunded,
    CASE story WHEN 'called_off' THEN 'The order was cancelled' WHEN 'refunded_in_part' THEN 'Good will'
        ELSE 'Goods came back' END,
    'succeeded', back.id, CASE story WHEN 'refunded_in_part' THEN (SELECT id FROM customers WHERE n = 0) END,
    refunded_at - interval '1 s', refunded_at
FROM plan JOIN payments_payment AS payment ON payment.id = payment_id
LEFT JOIN orders_return AS back ON back.order_id = plan.order_id
WHERE refunded_at IS NOT NULL ORDER BY n;

INSERT INTO payments_attempt (
    id, version, payment_id, refund_id, operation, key, outcome, code, late_answers, created_at, settled_at
)
SELECT
    pg_temp.id_at(asked_at, operation || n), 3, payment_id,
    CASE operation WHEN 'refund' THEN pg_temp.id_at(refunded_at, 'refund ' || n) END, operation,
    order_id || ':' || operation || CASE operation WHEN 'refund' THEN ':' || pg_temp.id_at(refunded_at, 'refund ' || n)
        ELSE '' END,
    outcome, code, '[]', asked_at, asked_at + interval '300 ms'
FROM plan CROSS JOIN LATERAL (
    SELECT 'authorise' AS operation, placed_at + interval '500 ms' AS asked_at,
        CASE WHEN story = 'declined' THEN 'failed' WHEN story IN ('waits', 'nobody_acted') THEN 'waiting' ELSE 'succeeded'
            END AS outcome,
        CASE WHEN story = 'declined' THEN 'card_declined' WHEN story IN ('waits', 'nobody_acted') THEN 'action_required'
            ELSE '' END AS code
    UNION ALL
    SELECT 'capture', confirmed_at + interval '200 ms', 'succeeded', '' WHERE confirmed_at IS NOT NULL
    UNION ALL
    SELECT 'void', greatest(cancelled_at, placed_at + interval '900 ms') + interval '200 ms', 'succeeded', ''
    WHERE story IN ('out_of_stock', 'changed_mind', 'nobody_acted')
    UNION ALL
    SELECT 'refund', refunded_at - interval '300 ms', 'succeeded', '' WHERE refunded_at IS NOT NULL
) AS asked
ORDER BY n;

INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code, written_at)
SELECT
    key, operation, charge,
    CASE WHEN operation = 'refund' THEN refunded WHEN operation = 'void' AND story = 'nobody_acted' THEN 0 ELSE amount END,
    currency, outcome = 'succeeded', attempt.code, settled_at
FROM plan JOIN payments_payment AS payment ON payment.id = plan.payment_id
JOIN payments_attempt AS attempt ON attempt.payment_id = payment.id;
