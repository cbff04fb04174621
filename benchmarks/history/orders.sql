-- Guests are forgotten after half a year.
INSERT INTO users_guest (id, version, email, name, language, created_at, erased_at)
SELECT
    guest_id, 1, CASE WHEN stale THEN '' ELSE 'guest' || n || '@history.example.com' END,
    CASE WHEN stale THEN '' ELSE 'Guest ' || n END, 'en', placed_at,
    CASE WHEN stale THEN placed_at + interval '180 days' END
FROM plan CROSS JOIN LATERAL (SELECT placed_at < %(now)s - interval '180 days' AS stale) AS age
WHERE guest_id IS NOT NULL;

INSERT INTO orders_order (
    id, version, number, customer_id, guest_id, status, stock_status, payment_status, fulfilment_status, return_status,
    cancellation_reason, cancelled_by, currency, total, shipping_address, payment_method, external_reference,
    placed_at, confirmed_at, shipped_at, delivered_at, cancelled_at
)
SELECT
    order_id, 3, nextval('orders_number'), customer_id, guest_id,
    CASE
        WHEN cancelled_at IS NOT NULL THEN 'cancelled'
        WHEN delivered_at IS NOT NULL THEN 'delivered'
        WHEN shipped_at IS NOT NULL THEN 'shipped'
        WHEN confirmed_at IS NOT NULL THEN 'confirmed'
        ELSE 'placed'
    END,
    CASE WHEN story = 'out_of_stock' THEN 'rejected' WHEN cancelled_at IS NULL THEN 'held' ELSE 'released' END,
    CASE
        WHEN story = 'declined' THEN 'declined'
        WHEN story = 'waits' THEN 'action_required'
        WHEN refunded_at IS NOT NULL AND story IN ('returned', 'called_off') THEN 'refunded'
        WHEN refunded_at IS NOT NULL THEN 'partially_refunded'
        WHEN confirmed_at IS NOT NULL THEN 'captured'
        ELSE 'voided'
    END,
    CASE WHEN shipped_at IS NOT NULL THEN 'fulfilled' WHEN EXISTS (SELECT FROM parcel WHERE parcel.n = plan.n)
        THEN 'partial' ELSE 'unfulfilled' END,
    CASE WHEN returned_at IS NULL THEN 'none' WHEN story = 'returned' THEN 'returned' ELSE 'partial' END,
    CASE story
        WHEN 'declined' THEN 'payment_declined'
        WHEN 'out_of_stock' THEN 'out_of_stock'
        WHEN 'changed_mind' THEN 'customer_request'
        WHEN 'called_off' THEN 'fraud'
        WHEN 'nobody_acted' THEN 'payment_timeout'
        ELSE ''
    END,
    CASE WHEN cancelled_at IS NULL THEN '' WHEN story = 'changed_mind' THEN 'customer'
        WHEN story = 'called_off' THEN 'staff' ELSE 'system' END,
    'EUR', (SELECT sum(quantity * unit_price) FROM wanted WHERE wanted.n = plan.n),
    jsonb_build_object(
        'name', 'Customer ' || n, 'line1', lot || ' Main Street', 'city', 'Berlin', 'postal_code', '10115', 'country', 'DE'
    ),
    CASE WHEN story = 'declined' THEN 'pm_card_chargeDeclined'
        WHEN story IN ('waits', 'nobody_acted') THEN 'pm_card_threeDSecure2Required' ELSE 'pm_card_visa' END,
    CASE WHEN lot %% 4 = 0 THEN 'PO-' || n ELSE '' END,
    placed_at, confirmed_at, shipped_at, delivered_at, cancelled_at
FROM plan ORDER BY n;

INSERT INTO orders_orderline (order_id, sku, name, quantity, unit_price, shipped, returned)
SELECT
    wanted.order_id, sku, title, quantity, unit_price, CASE WHEN parcel.n IS NULL THEN 0 ELSE quantity END,
    CASE WHEN returned_at IS NULL THEN 0 WHEN wanted.story = 'returned' THEN quantity ELSE (line = 1)::int END
FROM wanted JOIN plan ON plan.n = wanted.n LEFT JOIN parcel ON parcel.n = wanted.n AND number = leaves_in
ORDER BY wanted.n, line;
