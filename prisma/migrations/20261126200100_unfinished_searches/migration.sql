-- As before, and the sweeps whose search may still ask for runs: "sweep_finished" says of them that they have work left.
CREATE OR REPLACE FUNCTION "unfinished_sweeps"() RETURNS SETOF UUID LANGUAGE sql STABLE AS $$
  WITH RECURSIVE next AS (
    (SELECT "sweep_id" FROM "run" WHERE "state" IN ('queued', 'running') ORDER BY "sweep_id" LIMIT 1)
    UNION ALL
    SELECT (SELECT run."sweep_id" FROM "run" run WHERE run."state" IN ('queued', 'running') AND run."sweep_id" > next."sweep_id"
      ORDER BY run."sweep_id" LIMIT 1)
    FROM next WHERE next."sweep_id" IS NOT NULL
  )
  SELECT "sweep_id" FROM next WHERE "sweep_id" IS NOT NULL
  UNION
  SELECT "id" FROM "sweep" WHERE "searching"
$$;
