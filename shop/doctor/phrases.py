"""SQL that the invariants of several apps are made of. What is put in is written in code, and never from outside."""


def heard(event: str, handler: str) -> str:
    """A table `(order_id, number)`: the orders of which a handler has heard this, with all its effects written."""
    return f"""(
        SELECT DISTINCT partition_key::uuid AS order_id, data ->> 'number' AS number FROM bus_event
        JOIN bus_receipt ON bus_receipt.event_id = bus_event.id AND bus_receipt.handler = '{handler}'
            AND bus_receipt.event_id >= %(since_id)s
        WHERE type = '{event}' AND id >= %(since_id)s AND time >= %(since)s
    )"""  # noqa: S608 - both names are written in code


def number_of(order_id: str) -> str:
    """The number of the order with this id, as the log knows it."""
    return f"""(
        SELECT coalesce(data ->> 'number', data ->> 'order_number') FROM bus_event
        WHERE partition_key = {order_id}::text AND data ?| array['number', 'order_number'] LIMIT 1
    )"""  # noqa: S608 - a column's name


def whose(event_id: str) -> str:
    """Columns `key, number`: whose event with this id it is, an order's if there is a number."""
    key = f"(SELECT partition_key FROM bus_event WHERE id = {event_id})"  # noqa: S608 - a column's name
    return f"{key} AS key, {number_of(key)} AS number"


def ghosts(kind: str, table: str) -> str:
    """Subjects of this kind, such as `orders` in `orders/<id>`, that were told of and have no row in the table."""
    return f"""
        SELECT told.subject, told.events, told.first FROM (
            SELECT subject, count(*) AS events, min(time) AS first FROM bus_event
            WHERE id >= %(since_id)s AND time >= %(since)s AND starts_with(subject, '{kind}/') GROUP BY subject
        ) AS told LEFT JOIN {table} AS known ON known.id = substr(told.subject, {len(kind) + 2})::uuid
        WHERE known.id IS NULL
    """  # noqa: S608 - both names are written in code


def told_twice(*types: str, by: str = "") -> str:
    """Subjects of which the same was told more than once, though each may become so once; `by` names a part of it."""
    part = f", data ->> '{by}'" if by else ""
    kinds = ", ".join(f"'{each}'" for each in types)
    return f"""
        SELECT partition_key AS order_id, {number_of("partition_key")} AS number, subject, type, count(*) AS times
        FROM bus_event
        WHERE id >= %(since_id)s AND time >= %(since)s AND type IN ({kinds})
        GROUP BY partition_key, subject, type{part} HAVING count(*) > 1
    """  # noqa: S608 - all names are written in code


def untold(states: str) -> str:
    """Of a table `(..., key, type, part)` of what became so of rows made since, all that the log does not tell.

    `part` is what the event carries to say which of several it means, or null.
    """
    return f"""
        SELECT state.* FROM ({states}) AS state WHERE NOT EXISTS (
            SELECT FROM bus_event AS event
            WHERE event.id >= %(since_id)s AND event.partition_key = state.key AND event.type = state.type
                AND (state.part IS NULL OR event.data @> state.part))
    """  # noqa: S608 - the part put in is ours
