-- A contest that is voided after it was counted is taken back by an event that subtracts what it gave: nothing is deleted.
ALTER TABLE "xp_event" DROP CONSTRAINT "xp_event_kind", DROP CONSTRAINT "xp_event_caps";
ALTER TABLE "xp_event"
    ADD CONSTRAINT "xp_event_kind" CHECK ("kind" IN ('TASK_COMPLETION', 'ERROR_RESOLUTION', 'CONTEST', 'CONTEST_VOIDED')),
    ADD CONSTRAINT "xp_event_caps" CHECK (CASE WHEN "kind" = 'CONTEST_VOIDED' THEN "added" BETWEEN -500 AND 0 AND "added" >= "computed"
                                               ELSE "added" BETWEEN 0 AND 500 AND "added" <= "computed" END);

-- One less at a place of an array.
CREATE FUNCTION one_less(counts integer[], place integer) RETURNS integer[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(CASE WHEN n = place THEN GREATEST(c - 1, 0) ELSE c END ORDER BY n) FROM unnest(counts) WITH ORDINALITY AS u(c, n)
$$;
