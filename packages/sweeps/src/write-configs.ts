/** The rows of configs: written when a sweep is submitted, or when its search names them. */
import { augmentHash, augmentName } from '@ablate/contracts';
import { modelCost } from '@ablate/models/count';
import type { Point } from '@ablate/search';
import type pg from 'pg';

/** Characters of configs in one statement: a statement is encoded at once, while no request is answered. */
const STATEMENT_CHARACTERS = 2 ** 18;

type ConfigRow = {
  hash: string;
  config: string;
  axes: string;
  augment: string;
  augmentHash: string;
  parameters: number;
  macs: number;
};

/** A function of a value's JSON that computes each result once: the points of a sweep share their parts. */
function oncePerText<Value, Result>(of: (value: Value) => Result): (value: Value) => Result {
  const known = new Map<string, Result>();
  return (value) => {
    const text = JSON.stringify(value);
    const result = known.get(text) ?? of(value);
    known.set(text, result);
    return result;
  };
}

/** The rows of the points in their order, in parts of at most STATEMENT_CHARACTERS; a longer row is a part of its own. */
function* configRows(points: readonly Point[]): Generator<{ from: number; rows: ConfigRow[] }> {
  const hashOf = oncePerText(augmentHash);
  const costOf = oncePerText(modelCost);
  let rows: ConfigRow[] = [];
  let from = 0;
  let characters = 0;
  for (const [index, { hash, config, axes }] of points.entries()) {
    const augment = hashOf(config.augment);
    const { parameters, macs } = costOf(config.model);
    const row = {
      ...{ hash, config: JSON.stringify(config), axes: JSON.stringify(axes) },
      ...{ augment: augmentName(augment), augmentHash: augment, parameters, macs: Math.round(macs) },
    };
    const length = row.config.length + row.axes.length;
    if (rows.length > 0 && characters + length > STATEMENT_CHARACTERS) {
      yield { from, rows };
      from = index;
      rows = [];
      characters = 0;
    }
    rows.push(row);
    characters += length;
  }
  yield { from, rows };
}

/** Writes the points as configs of a sweep, at the positions from `from` on. */
export async function writeConfigs(
  client: pg.PoolClient,
  sweepId: string,
  { from, points }: { from: number; points: readonly Point[] },
): Promise<void> {
  for (const { from: first, rows } of configRows(points))
    await client.query(
      `INSERT INTO config (sweep_id, position, hash, config, axes, augment, augment_hash, parameters, macs)
       SELECT $1, $2 + point.number - 1, point.hash, point.config::jsonb, point.axes::jsonb, point.augment,
         point.augment_hash, point.parameters, point.macs
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[])
         WITH ORDINALITY AS point(hash, config, axes, augment, augment_hash, parameters, macs, number)`,
      [
        ...[sweepId, from + first],
        rows.map(({ hash }) => hash),
        rows.map(({ config }) => config),
        rows.map(({ axes }) => axes),
        rows.map(({ augment }) => augment),
        rows.map(({ augmentHash }) => augmentHash),
        rows.map(({ parameters }) => parameters),
        rows.map(({ macs }) => macs),
      ],
    );
}
