-- The same moment and words give the same id, so that what belongs together finds itself without looking (RFC 9562).
CREATE FUNCTION pg_temp.id_at(moment timestamptz, words text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (
        lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(words), 1, 3) || '8' || substr(md5(words), 4, 15)
    )::uuid
$$;
