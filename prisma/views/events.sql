-- Every change of a state, in order. `number` is null until the event has been numbered.
CREATE OR REPLACE VIEW "reporting"."events" AS
SELECT event."number", event."at", sweep."name" AS sweep, event."subject"::text AS subject, event."run_id" AS run, event."attempt",
  event."before", event."state", event."cause"::text AS cause, event."message", event."sweep_id", event."id"
FROM "event" event
LEFT JOIN "sweep" sweep ON sweep."id" = event."sweep_id";

COMMENT ON VIEW "reporting"."events" IS 'One row per change of a state, in order.';
COMMENT ON COLUMN "reporting"."events"."number" IS 'Number in the log, without gaps; null until it is numbered, about a second';
COMMENT ON COLUMN "reporting"."events"."at" IS 'When the state changed';
COMMENT ON COLUMN "reporting"."events"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."events"."subject" IS 'sweep, run or attempt';
COMMENT ON COLUMN "reporting"."events"."run" IS 'Id of the run; null for an event of a sweep';
COMMENT ON COLUMN "reporting"."events"."attempt" IS 'Number of the attempt';
COMMENT ON COLUMN "reporting"."events"."before" IS 'State before; null for the first';
COMMENT ON COLUMN "reporting"."events"."state" IS 'State after';
COMMENT ON COLUMN "reporting"."events"."cause" IS 'Why';
COMMENT ON COLUMN "reporting"."events"."message" IS 'Why, in words';
COMMENT ON COLUMN "reporting"."events"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."events"."id" IS 'Id in the order of writing, with gaps';
