-- What is sold, numbered from 0.
CREATE TEMP TABLE goods AS
SELECT row_number() OVER (ORDER BY sku) - 1 AS place, count(*) OVER () AS of, sku, amount AS unit_price, left(
    product.name || coalesce(' (' || (SELECT string_agg(value, ', ') FROM jsonb_each_text(options)) || ')', ''), 200
) AS title
FROM catalogue_variant AS variant
JOIN catalogue_product AS product ON product.id = product_id
JOIN catalogue_price AS price ON price.variant_id = variant.id AND currency = 'EUR'
WHERE product.active;
