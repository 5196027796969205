/** `prisma/views/runs.sql`: one row per run, with a column for every hyperparameter of the spec's schema. */
import { Config } from '@ablate/contracts';
import { z } from 'zod';

type Json = Exclude<z.core.JSONSchema._JSONSchema, boolean>;

const nested = (schema: z.core.JSONSchema._JSONSchema | undefined): Json => (typeof schema === 'object' ? schema : {});

export type Leaf = { path: string; types: Set<string>; descriptions: Set<string> };

/** Families that a sweep cannot train have no runs. */
const UNTRAINED = new Set(['clip']);

const constantOf = (branch: Json, key: string): unknown => nested(branch.properties?.[key]).const;

/** Every value of a config that is not an object, with its types in JSON Schema. A list, such as the operations of `augment`, is one value. */
export function hyperparameters(): Leaf[] {
  const leaves = new Map<string, Leaf>();
  const visit = (schema: Json, path: string): void => {
    const branches = (schema.anyOf ?? schema.oneOf)?.map(nested);
    if (branches?.some((branch) => branch.properties)) {
      for (const branch of branches) if (!UNTRAINED.has(String(constantOf(branch, 'family')))) visit(branch, path);
    } else if (schema.properties) {
      for (const [key, value] of Object.entries(schema.properties))
        visit(nested(value), path === '' ? key : `${path}.${key}`);
    } else {
      const leaf = leaves.get(path) ?? { path, types: new Set(), descriptions: new Set() };
      leaves.set(path, leaf);
      for (const { type, const: constant } of branches ?? [schema])
        leaf.types.add(String(type ?? (typeof constant === 'string' ? 'string' : typeof constant)));
      if (schema.description) leaf.descriptions.add(schema.description);
    }
  };
  visit(z.toJSONSchema(Config, { io: 'output', unrepresentable: 'any', reused: 'inline' }) as Json, '');
  return [...leaves.values()];
}

/** How a value of a config is read in SQL, by its type in JSON Schema. */
const READERS: Readonly<Record<string, (path: string) => string>> = {
  string: (path) => `c #>> '{${path}}'`,
  integer: (path) => `(c #>> '{${path}}')::integer`,
  number: (path) => `(c #>> '{${path}}')::double precision`,
  boolean: (path) => `(c #>> '{${path}}')::boolean`,
};

/** A list, and a value of several types, stays JSON. */
function reader({ path, types }: Leaf): string {
  const [type = '', ...others] = [...types].filter((name) => name !== 'null');
  const at = path.replaceAll('.', ',');
  return (others.length === 0 && READERS[type]?.(at)) || `c #> '{${at}}'`;
}

/** A column that shows a hyperparameter, by its path; or any other column, with its SQL and its comment. */
type Column = { name: string } & ({ path: string } | { sql: string; comment: string });

const parameter = (name: string, path: string): Column => ({ name, path });
const column = (name: string, sql: string, comment: string): Column => ({ name, sql, comment });

/** In the order of the view, which only grows: a new column is the last. */
export const RUN_COLUMNS: readonly Column[] = [
  column('run', 'run."id"', 'Id of the run'),
  column('sweep', 'sweep."name"', 'Name of the sweep'),
  column('state', 'run."state"::text', 'queued, running, succeeded, failed, cancelled or pruned'),
  column('cause', 'run."cause"::text', 'How the last attempt ended; null until the run is finished'),
  column('attempt', 'run."attempt"', 'Number of the newest attempt; 0 before the first'),
  column('seed', 'run."seed"', 'Seed of the run'),
  column('val_accuracy', 'run."val_accuracy"', 'Validation accuracy of the best epoch, a share from 0 to 1'),
  column(
    'train_accuracy',
    'run."train_accuracy"',
    'Training accuracy of the best epoch, without augmentation unless evaluate_with is augmented',
  ),
  column('test_accuracy', 'run."test_accuracy"', 'Test accuracy of the best epoch, measured once'),
  column('val_loss', 'run."val_loss"', 'Validation cross-entropy of the best epoch'),
  column('test_loss', 'run."test_loss"', 'Test cross-entropy of the best epoch'),
  column('best_epoch', 'run."best_epoch"', 'Epoch with the highest validation accuracy, from 1'),
  column('samples_per_second', 'run."samples_per_second"', 'Training images per second'),
  column(
    'seconds',
    `(SELECT sum(extract(epoch FROM a."ended_at" - a."started_at"))::double precision FROM "attempt" a WHERE a."run_id" = run."id")`,
    'Seconds of all attempts that have ended',
  ),
  parameter('family', 'model.family'),
  parameter('ordering', 'model.ordering'),
  parameter('image_size', 'model.imageSize'),
  parameter('patch_size', 'model.patchSize'),
  parameter('width', 'model.width'),
  parameter('depth', 'model.depth'),
  parameter('heads', 'model.heads'),
  parameter('mlp_ratio', 'model.mlpRatio'),
  parameter('attention', 'model.attention'),
  parameter('positional', 'model.positional'),
  parameter('pool', 'model.pool'),
  parameter('drop_path', 'model.dropout.path'),
  parameter('block', 'model.block'),
  parameter('depths', 'model.depths'),
  parameter('widths', 'model.widths'),
  parameter('stem', 'model.stem'),
  parameter('shortcut', 'model.shortcut'),
  column(
    'augment',
    `COALESCE(config."augment", c #>> '{augment}')`,
    'Name of the augmentation set, or "custom" and the start of its hash',
  ),
  parameter('optimizer', 'train.optimizer.name'),
  parameter('learning_rate', 'train.optimizer.learningRate'),
  parameter('weight_decay', 'train.optimizer.weightDecay'),
  parameter('momentum', 'train.optimizer.momentum'),
  parameter('schedule', 'train.schedule.name'),
  parameter('warmup_epochs', 'train.schedule.warmupEpochs'),
  parameter('label_smoothing', 'train.labelSmoothing'),
  parameter('clip_norm', 'train.clipNorm'),
  parameter('ema', 'train.ema'),
  parameter('batch_size', 'train.batchSize'),
  parameter('epochs', 'train.epochs'),
  parameter('precision', 'train.precision'),
  parameter('dataset', 'dataset.name'),
  parameter('samples', 'dataset.samples'),
  parameter('validation', 'dataset.validation'),
  parameter('split_seed', 'dataset.splitSeed'),
  column('dataset_hash', 'attempt."dataset_hash"', 'SHA-256 of the packed images and labels'),
  column('parameters', 'attempt."parameters"', 'Trained values of the model, as the trainer counted them'),
  column('total_steps', 'attempt."total_steps"', 'Optimizer steps of the whole run'),
  column('compiled', 'attempt."compiled"', 'Whether training ran as one compiled graph'),
  column('resumed_from', 'attempt."resumed_from"', 'Step of the checkpoint from which the newest attempt resumed'),
  column('notes', 'attempt."notes"', 'What did not run as requested, such as an op that was not compiled'),
  column('worker', 'attempt."worker"', 'Host and process of the worker of the newest attempt'),
  column('device', `attempt."environment" ->> 'device'`, 'Device of the newest attempt'),
  column('tensorflow', `attempt."environment" ->> 'tensorflow'`, 'Version of TensorFlow'),
  column('code', `attempt."environment" ->> 'code'`, 'Git commit, with "+" if the work tree differed'),
  column('lockfile', `attempt."environment" ->> 'lockfile'`, 'SHA-256 of package-lock.json'),
  column('node', `attempt."environment" ->> 'node'`, 'Version of Node.js'),
  column('threads', `(attempt."environment" ->> 'threads')::integer`, 'Threads of TensorFlow'),
  column('message', 'run."message"', 'Why the run failed or was cancelled'),
  column('progress', 'run."progress"', 'Last progress of the newest attempt'),
  column('axes', 'config."axes"', 'Values of the config on the axes of the sweep'),
  column('config', 'config."config"', 'Every hyperparameter as one JSON object'),
  column(
    'config_hash',
    'config."hash"',
    'Canonical hash of the config; equal configs of different sweeps have the same',
  ),
  column('config_position', 'config."position"', 'Index of the config in the sweep'),
  column('config_id', 'run."config_id"', 'Id of the config'),
  column('sweep_id', 'run."sweep_id"', 'Id of the sweep'),
  column('created_at', 'run."created_at"', 'When the run was submitted'),
  column('started_at', 'run."started_at"', 'When the first attempt was claimed'),
  column('finished_at', 'run."finished_at"', 'When the run was finished'),
  column('augment_hash', 'config."augment_hash"', 'SHA-256 of the operations of the augmentation'),
  column(
    'instruction_sets',
    `(SELECT string_agg(listed.one, ' ') FROM jsonb_array_elements_text(attempt."environment" -> 'instructionSets') AS listed(one))`,
    'Instruction sets of the processor that affect results',
  ),
  column('one_dnn', `(attempt."environment" ->> 'oneDnn')::boolean`, 'Whether TensorFlow used oneDNN'),
  parameter('classes', 'model.classes'),
  parameter('qkv_bias', 'model.qkvBias'),
  parameter('layer_norm_epsilon', 'model.layerNormEpsilon'),
  parameter('layer_scale', 'model.layerScale'),
  parameter('drop_position', 'model.dropout.position'),
  parameter('drop_attention', 'model.dropout.attention'),
  parameter('drop_projection', 'model.dropout.projection'),
  parameter('drop_mlp', 'model.dropout.mlp'),
  parameter('small_image_size', 'model.small.imageSize'),
  parameter('small_patch_size', 'model.small.patchSize'),
  parameter('small_width', 'model.small.width'),
  parameter('small_depth', 'model.small.depth'),
  parameter('small_heads', 'model.small.heads'),
  parameter('large_image_size', 'model.large.imageSize'),
  parameter('large_patch_size', 'model.large.patchSize'),
  parameter('large_width', 'model.large.width'),
  parameter('large_depth', 'model.large.depth'),
  parameter('large_heads', 'model.large.heads'),
  parameter('stages', 'model.stages'),
  parameter('cross_depth', 'model.crossDepth'),
  parameter('fusion', 'model.fusion'),
  parameter('combine', 'model.combine'),
  parameter('beta1', 'train.optimizer.beta1'),
  parameter('beta2', 'train.optimizer.beta2'),
  parameter('epsilon', 'train.optimizer.epsilon'),
  parameter('nesterov', 'train.optimizer.nesterov'),
  parameter('dataset_image_size', 'dataset.imageSize'),
  parameter('dataset_classes', 'dataset.classes'),
  parameter('images_per_class', 'dataset.imagesPerClass'),
  parameter('skip_broken', 'dataset.skipBroken'),
  parameter('augment_ops', 'augment'),
  column('macs', 'config."macs"', 'Multiply-accumulates of one image’s forward pass'),
  column('useful_seconds', 'run."useful_seconds"', 'Seconds of attempts that reached a checkpoint or the result'),
  column('lost_seconds', 'run."lost_seconds"', 'Seconds of attempts that were lost'),
  column(
    'peak_memory_bytes',
    'run."peak_memory_bytes"',
    'Peak resident memory of the trainer in the attempt that finished; null if not measured',
  ),
  column(
    'energy_joules',
    'run."energy_joules"',
    'Energy of the machine’s processors, without GPUs, in the attempt that finished; null where the machine does not report it or runs share it',
  ),
  parameter('evaluate_with', 'train.evaluate.with'),
  parameter('evaluate_every_epochs', 'train.evaluate.everyEpochs'),
  parameter('evaluate_train_images', 'train.evaluate.trainImages'),
  column('reused_from', 'run."reused_from"', 'Equal run whose result it has; null if it was trained itself'),
  column('reused_seconds', 'run."reused_seconds"', 'Device seconds that the equal run took; its own are then 0'),
  column(
    'forked_from',
    'run."forked_from"',
    'Run with another config from whose checkpoint it started; null if it did not',
  ),
  column('forked_epoch', 'run."forked_epoch"', 'Epoch of that run after which it goes on'),
  parameter('stop_target', 'train.stop.target'),
  parameter('stop_plateau', 'train.stop.plateau'),
  parameter('stop_deadline', 'train.stop.deadline'),
];

/** What the columns of hyperparameters hold, by their names, from the descriptions of the spec. */
export function parameterDescriptions(): Map<string, string> {
  const leaves = new Map(hyperparameters().map((leaf) => [leaf.path, leaf]));
  return new Map(
    RUN_COLUMNS.flatMap((one) => {
      if (!('path' in one)) return [];
      const found = [...(leaves.get(one.path)?.descriptions ?? [])];
      return [[one.name, found.length === 0 ? one.path : `${one.path}: ${found.join(' / ')}`] as const];
    }),
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The whole file. Throws if a column reads no hyperparameter of the schema. */
export function runsView(): string {
  const leaves = new Map(hyperparameters().map((leaf) => [leaf.path, leaf]));
  const columns = RUN_COLUMNS.map((one) => {
    if ('sql' in one) return one;
    const leaf = leaves.get(one.path);
    if (leaf === undefined) throw new Error(`${one.path} is not a field of a config`);
    // Not the description: it may change without a migration, and docs/sql.md adds it.
    return { name: one.name, sql: reader(leaf), comment: `${one.path} of the config` };
  });
  return `-- Generated from packages/contracts by \`npm run docs\`: edit scripts/docs/runs-view.ts.
CREATE OR REPLACE VIEW "reporting"."runs" AS
SELECT
${columns.map(({ name, sql }) => `  ${sql} AS "${name}"`).join(',\n')}
FROM "run" run
JOIN "sweep" sweep ON sweep."id" = run."sweep_id"
JOIN "config" config ON config."id" = run."config_id"
CROSS JOIN LATERAL (SELECT config."config") AS whole(c)
LEFT JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt";

COMMENT ON VIEW "reporting"."runs" IS 'One row per run: every hyperparameter, the state, the figures, and what the newest attempt ran on.';
${columns.map(({ name, comment }) => `COMMENT ON COLUMN "reporting"."runs"."${name}" IS ${quoted(comment)};`).join('\n')}
`;
}
