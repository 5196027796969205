-- The log of every search that decides, in order.
CREATE OR REPLACE VIEW "reporting"."decisions" AS
SELECT sweep."name" AS sweep, decision."number", decision."kind", decision."config", decision."run",
  coalesce(decision."entry" -> 'decision', decision."entry" -> 'result', decision."entry") AS details,
  decision."inputs", decision."at", decision."sweep_id"
FROM "decision" decision JOIN "sweep" sweep ON sweep."id" = decision."sweep_id";

COMMENT ON VIEW "reporting"."decisions" IS 'One row per decision of a search, and per result or limit that it followed from, in order (docs/search.md).';
COMMENT ON COLUMN "reporting"."decisions"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."decisions"."number" IS 'Place in the log of the sweep, from 0';
COMMENT ON COLUMN "reporting"."decisions"."kind" IS 'sampler, config, train, stop, ranks, enough, confirm or finish; result, limit, ask or tell for what was decided on';
COMMENT ON COLUMN "reporting"."decisions"."config" IS 'Config that it names, as config_position of the view "runs"; null if it names none, or several';
COMMENT ON COLUMN "reporting"."decisions"."run" IS 'Number of the run that it names, in the order in which the search asked for them';
COMMENT ON COLUMN "reporting"."decisions"."details" IS 'All of it, as one JSON object';
COMMENT ON COLUMN "reporting"."decisions"."inputs" IS 'SHA-256 of the search and of every row before; null for what is no decision';
COMMENT ON COLUMN "reporting"."decisions"."at" IS 'When it was committed';
COMMENT ON COLUMN "reporting"."decisions"."sweep_id" IS 'Id of the sweep';
