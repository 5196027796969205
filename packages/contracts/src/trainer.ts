/** Messages between the worker (parent) and the trainer process (child). Both sides parse what they receive. */
import { z } from 'zod';
import { Config } from './config.ts';
import { Cause } from './states.ts';
import { message } from './text.ts';
import { Stage } from './views.ts';

/** Counts are columns of type integer. */
const count = z.int32().min(0);
const label = message(500);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const figure = z.number().or(z.nan()).or(z.literal(Infinity)).or(z.literal(-Infinity));

/** A checkpoint file on disk, named relative to the run's checkpoint folder. */
export const CheckpointFile = z.strictObject({
  kind: z.enum(['best', 'last']),
  file: z.string().regex(/^[a-zA-Z0-9._-]+\.safetensors$/),
  sha256,
  bytes: z.int().min(0),
  step: count,
  epoch: count,
  valAccuracy: z.number().nullable(),
});
export type CheckpointFile = z.infer<typeof CheckpointFile>;

/** Predictions of a split, as a file in the run's checkpoint folder. */
export const PredictionFile = z.strictObject({
  split: z.enum(['test', 'validation']),
  file: z.string().regex(/^predictions-(test|validation)-\d+\.safetensors$/),
  sha256,
  bytes: count.max(256_000_000),
  images: count.max(10_000_000),
  width: z.literal([1, 2]).describe('Bytes that number a class'),
});
export type PredictionFile = z.infer<typeof PredictionFile>;

/** What the model looks at, and the images on which it was asked, as files in the run's checkpoint folder. */
export const InsideFiles = z.strictObject({
  maps: z.strictObject({
    file: z.string().regex(/^inside-\d+\.safetensors$/),
    sha256,
    bytes: count.max(16_000_000),
  }),
  images: z.strictObject({
    file: z
      .string()
      .regex(/^inside-\d+\.png$/)
      .describe('The images from left to right'),
    sha256,
    bytes: count.max(16_000_000),
  }),
});
export type InsideFiles = z.infer<typeof InsideFiles>;

/** The environment that produced a run's results; stored with the run. */
export const Environment = z.strictObject({
  code: label.describe('Git commit, with "+" if the work tree differs, or "unknown"'),
  lockfile: label.describe('SHA-256 of package-lock.json'),
  node: label,
  tensorflow: label,
  device: label,
  instructionSets: z.array(label).describe('Instruction sets of the processor that affect results'),
  oneDnn: z.boolean().describe('Whether TensorFlow uses oneDNN on the CPU'),
  precision: label,
  threads: count,
});
export type Environment = z.infer<typeof Environment>;

/** The first message of a trainer: TensorFlow is loaded on the requested device. A simulated trainer has neither device nor code. */
export const TrainerReady = z.strictObject({
  type: z.literal('ready'),
  device: label.optional(),
  code: label.optional().describe('As in `Environment`'),
});
export type TrainerReady = z.infer<typeof TrainerReady>;

export const TrainCommand = z.strictObject({
  type: z.literal('train'),
  runId: z.uuid(),
  attempt: z.int().min(1),
  config: Config,
  seed: count,
  folder: z.string().describe('Absolute path of the run’s checkpoint folder'),
  until: z
    .int()
    .min(1)
    .optional()
    .describe('Epochs after which training stops and keeps its checkpoint; it changes nothing else. Default: all'),
  spentSeconds: z.number().min(0).optional().describe('Device seconds of earlier attempts. Default: 0'),
  resume: z.array(CheckpointFile).describe('Candidates, newest first; the first with a matching SHA-256 is used'),
  fork: z
    .strictObject({
      run: z.uuid(),
      epoch: count,
      config: Config.describe('That of the other run'),
      folder: z.string().describe('Absolute path of the folder of the checkpoint'),
      checkpoint: CheckpointFile.nullable().describe('null if it is gone'),
    })
    .optional()
    .describe('The other run, with the same seed and data, from whose checkpoint it starts if none of its own is left'),
});
export type TrainCommand = z.infer<typeof TrainCommand>;

export const StopCommand = z.strictObject({ type: z.literal('stop'), cause: z.enum(['cancelled', 'preempted']) });
export type StopCommand = z.infer<typeof StopCommand>;

export const TrainerCommand = z.discriminatedUnion('type', [TrainCommand, StopCommand]);
export type TrainerCommand = z.infer<typeof TrainerCommand>;

export const Metric = z.strictObject({
  name: message(64),
  step: count,
  epoch: z.number().min(0),
  value: figure,
});
export type Metric = z.infer<typeof Metric>;

/** Final figures of a run. Accuracies are shares between 0 and 1. */
export const RunResult = z.strictObject({
  valAccuracy: z.number(),
  valLoss: figure,
  trainAccuracy: z.number(),
  testAccuracy: z.number(),
  testLoss: figure,
  bestEpoch: count,
  samplesPerSecond: z.number(),
});
export type RunResult = z.infer<typeof RunResult>;

export const TrainerEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('started'),
    totalSteps: count,
    epochs: count,
    parameters: z.int().min(0),
    datasetHash: label,
    resumedFrom: count.nullable().describe('Step of the restored checkpoint'),
    compiled: z.boolean(),
    notes: z.array(message(2_000)).describe('Fallbacks: an op run eagerly, a checkpoint rejected'),
    environment: Environment,
  }),
  z.strictObject({
    type: z.literal('progress'),
    step: count,
    epoch: z.number().min(0),
    loss: figure,
    samplesPerSecond: z.number(),
    secondsLeft: z.number().min(0),
  }),
  z.strictObject({ type: z.literal('stage'), stage: Stage, secondsLeft: z.number().min(0).nullable() }),
  z.strictObject({ type: z.literal('metrics'), rows: z.array(Metric).max(10_000) }),
  z.strictObject({ type: z.literal('checkpoint'), checkpoint: CheckpointFile }),
  z.strictObject({ type: z.literal('predictions'), predictions: PredictionFile }),
  z.strictObject({ type: z.literal('inside'), inside: InsideFiles }),
  z.strictObject({ type: z.literal('reached'), epoch: count, valAccuracy: z.number(), valLoss: figure }),
  z.strictObject({ type: z.literal('finished'), result: RunResult }),
  z.strictObject({ type: z.literal('failed'), cause: Cause, message: message(20_000) }),
]);
export type TrainerEvent = z.infer<typeof TrainerEvent>;

/** The last event of an attempt. */
export type LastEvent = Extract<TrainerEvent, { type: 'finished' | 'reached' | 'failed' }>;

export const isLastEvent = (event: TrainerEvent): event is LastEvent =>
  event.type === 'finished' || event.type === 'reached' || event.type === 'failed';
