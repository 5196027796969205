-- Every checkpoint of a run: the current ones, which a run resumes from or is tested with, and the retained older ones.
CREATE OR REPLACE VIEW "any_checkpoint" AS
SELECT "id", "run_id", "kind", "attempt", "file", "sha256", "bytes", "step", "epoch", "val_accuracy", "created_at", "pinned_at", true AS current FROM "checkpoint"
UNION ALL
SELECT "id", "run_id", "kind", "attempt", "file", "sha256", "bytes", "step", "epoch", "val_accuracy", "created_at", "pinned_at", false FROM "past_checkpoint";
