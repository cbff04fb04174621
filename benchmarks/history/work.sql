-- Who has heard what, and who is still to hear it; a few are put off, and a few were given up.
CREATE TEMP TABLE hearing AS
SELECT event.id, event.partition_key, event.time, handler, queue, lanes, event.time + after + interval '50 ms' AS due_at,
    row_number() OVER (PARTITION BY handler ORDER BY event.id DESC) AS nth
FROM bus_event AS event JOIN unnest(
    %(types)s::text[], %(handlers)s::text[], %(queues)s::text[], %(lanes)s::int[], %(afters)s::interval[]
) AS subscribed (type, handler, queue, lanes, after) USING (type)
WHERE event.id IN (SELECT pg_temp.id_at(time, type || subject) FROM told);

INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, event, died_at)
SELECT hearing.id, handler, queue, 8, false, 'ConnectionError: the printer is on fire', to_jsonb(event), due_at
FROM hearing JOIN bus_event AS event ON event.id = hearing.id WHERE handler LIKE 'notifications.send%%' AND nth <= 4;

INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at, attempts, error)
SELECT
    hearing.id, handler, queue, crc32(convert_to(partition_key, 'UTF8')) %% lanes,
    CASE WHEN due_at > now() THEN due_at ELSE now() + interval '10 minutes' END,
    CASE WHEN due_at < now() THEN 2 ELSE 0 END, CASE WHEN due_at < now() THEN 'TimeoutError: no answer in 10 s' END
FROM hearing WHERE due_at > now() OR handler LIKE 'notifications.send%%' AND nth BETWEEN 5 AND 8;

INSERT INTO bus_receipt (event_id, handler, attempts, done_at)
SELECT id, handler, 1, due_at FROM hearing
WHERE due_at <= now() AND NOT (handler LIKE 'notifications.send%%' AND nth <= 8);
