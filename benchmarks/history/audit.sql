-- What staff did: orders called off, and money given back for good will.
INSERT INTO audit_entry (id, at, by_id, action, subject, before, after, reason, request)
SELECT
    pg_temp.id_at(cancelled_at, 'audit ' || placed.id), cancelled_at, (SELECT id FROM customers WHERE n = 0), 'order.cancelled',
    'orders/' || placed.id,
    '{"status": "confirmed"}', '{"status": "cancelled"}', cancellation_reason, ''
FROM orders_order AS placed WHERE cancelled_by = 'staff';

INSERT INTO audit_entry (id, at, by_id, action, subject, before, after, reason, request)
SELECT
    pg_temp.id_at(created_at, 'audit ' || refund.id), created_at, requested_by_id, 'payment.refunded',
    'payments/' || payment_id, '{"refunded": 0}', jsonb_build_object('refunded', amount), reason, ''
FROM payments_refund AS refund WHERE requested_by_id IS NOT NULL;
