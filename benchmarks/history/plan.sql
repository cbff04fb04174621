-- What becomes of each order of this part. Orders grow denser towards now; how one ends is drawn from its number.
DROP TABLE IF EXISTS pg_temp.plan, pg_temp.wanted, pg_temp.parcel;

CREATE TEMP TABLE plan AS
WITH placed AS (
    SELECT
        n, n * 7919 %% 1000 AS lot, 1 + n %% 3 AS size,
        %(now)s - interval '1 minute' - interval '730 days' * (1 - n / %(orders)s::float) ^ 1.5 AS placed_at
    FROM generate_series(%(first)s::bigint, %(last)s) AS n
), drawn AS (
    SELECT *, CASE
        WHEN lot < 25 THEN 'declined'
        WHEN lot < 45 THEN 'out_of_stock'
        WHEN lot < 85 THEN 'changed_mind'
        WHEN lot < 105 AND placed_at < %(now)s - interval '3 hours' THEN 'called_off'
        WHEN lot < 110 AND placed_at < %(now)s - interval '62 minutes' THEN 'nobody_acted'
        WHEN lot BETWEEN 110 AND 129 AND placed_at > %(now)s - interval '20 minutes' THEN 'waits'
        WHEN lot BETWEEN 130 AND 159 THEN 'returned'
        WHEN lot BETWEEN 160 AND 179 AND size > 1 THEN 'returned_in_part'
        WHEN lot BETWEEN 180 AND 189 THEN 'refunded_in_part'
        ELSE 'kept'
    END AS story
    FROM placed
), told AS (
    SELECT *,
        CASE WHEN story IN ('kept', 'returned', 'returned_in_part', 'refunded_in_part', 'called_off')
            THEN placed_at + interval '1200 ms' END AS confirmed_at,
        CASE WHEN story IN ('kept', 'returned', 'returned_in_part', 'refunded_in_part')
            THEN placed_at + interval '26 hours' + lot * interval '1 minute' END AS shipped_at,
        placed_at + CASE story
            WHEN 'declined' THEN interval '900 ms'
            WHEN 'out_of_stock' THEN interval '500 ms'
            WHEN 'changed_mind' THEN interval '10 s'
            WHEN 'called_off' THEN interval '2 hours'
            WHEN 'nobody_acted' THEN interval '1 hour'
        END AS cancelled_at
    FROM drawn
)
SELECT
    told.n, lot, size, story, placed_at, confirmed_at, cancelled_at,
    CASE WHEN size > 1 AND lot %% 20 = 9 THEN 2 ELSE 1 END AS parcels,
    CASE WHEN shipped_at < %(now)s THEN shipped_at END AS shipped_at,
    shipped_at AS will_ship_at,
    CASE WHEN shipped_at < %(now)s - interval '2 days' THEN shipped_at + interval '2 days' END AS delivered_at,
    CASE WHEN story IN ('returned', 'returned_in_part') AND shipped_at < %(now)s - interval '10 days'
        THEN shipped_at + interval '10 days' END AS returned_at,
    CASE WHEN story = 'called_off' THEN cancelled_at + interval '2 s'
        WHEN story = 'refunded_in_part' AND shipped_at < %(now)s - interval '5 days'
        THEN shipped_at + interval '5 days'
        WHEN story IN ('returned', 'returned_in_part') AND shipped_at < %(now)s - interval '11 days'
        THEN shipped_at + interval '10 days 2 s' END AS refunded_at,
    pg_temp.id_at(placed_at, 'order ' || told.n) AS order_id,
    pg_temp.id_at(placed_at, 'payment ' || told.n) AS payment_id,
    pg_temp.id_at(placed_at, 'reservation ' || told.n) AS reservation_id,
    CASE WHEN lot %% 10 = 3 THEN pg_temp.id_at(placed_at, 'guest ' || told.n) END AS guest_id,
    CASE WHEN lot %% 10 <> 3 THEN customers.id END AS customer_id
FROM told JOIN customers ON customers.n = 1 + told.n * 31 %% greatest(%(orders)s / 8, 1);

CREATE TEMP TABLE wanted AS
SELECT
    plan.n, order_id, reservation_id, story, line, sku, title, unit_price, 1 + ((plan.n + line) %% 5 = 0)::int AS quantity,
    CASE WHEN line = size THEN parcels ELSE 1 END AS leaves_in
FROM plan CROSS JOIN generate_series(1, size) AS line
JOIN goods ON place = (plan.n * 7 + line * 13) %% of;

CREATE TEMP TABLE parcel AS
SELECT
    n, order_id, number, left_at, pg_temp.id_at(left_at, 'shipment ' || n || ' ' || number) AS id,
    CASE WHEN left_at < %(now)s - interval '2 days' THEN left_at + interval '2 days' END AS arrived_at
FROM plan CROSS JOIN generate_series(1, parcels) AS number
CROSS JOIN LATERAL (SELECT will_ship_at - (parcels - number) * interval '20 hours' AS left_at) AS leaving
WHERE left_at < %(now)s;

CREATE INDEX ON wanted (n);
CREATE INDEX ON parcel (n);
ANALYZE plan, wanted, parcel;
