-- Every change of a state, in order. `number` is null until the event has been numbered.
CREATE OR REPLACE VIEW "reporting"."events" AS
SELECT event."number", event."at", sweep."name" AS sweep, event."subject"::text AS subject, event."run_id" AS run, event."attempt",
  event."before", event."state", event."cause"::text AS cause, event."message", event."sweep_id", event."id"
FROM "event" event
LEFT JOIN "sweep" sweep ON sweep."id" = event."sweep_id";
