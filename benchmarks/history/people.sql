-- One customer for eight orders; they have no password. One of the staff, who is named where somebody has to be.
CREATE TEMP TABLE customers AS
SELECT n, pg_temp.id_at(joined_at, 'customer ' || n) AS id, joined_at, 'customer' || n || '@history.example.com' AS email
FROM generate_series(0, greatest(%(orders)s / 8, 1)) AS n
CROSS JOIN LATERAL (SELECT %(now)s - interval '740 days' + n * interval '1 second' AS joined_at) AS joined;

CREATE UNIQUE INDEX ON customers (n);

INSERT INTO users_user (
    id, version, email, password, name, language, marketing, is_active, is_staff, is_superuser, date_joined,
    registered_at
)
SELECT
    id, 1, email, '!', CASE n WHEN 0 THEN 'Stella Staff' ELSE 'Customer ' || n END, CASE n %% 3 WHEN 0 THEN 'de' ELSE 'en' END,
    false, true, n = 0, false, joined_at, joined_at
FROM customers ORDER BY n;

INSERT INTO account_emailaddress (user_id, email, verified, "primary") SELECT id, email, true, true FROM customers;
