/** What a measure of a study is given, and what it returns: the files of its results. */
import type { Choice, Study } from '@ablate/studies';
import type { Context } from '../../command.ts';

/** Weights and pictures that a study may be given. */
export type MeasureOptions = {
  clip?: string;
  clipSha256?: string;
  /** A JSON file of the model, instead of that of the published weights. */
  clipModel?: string;
  resnet?: string;
  resnetSha256?: string;
  resnetModel?: string;
  vocabulary?: string;
  input?: string;
  classes?: string;
  /** Seed of random weights, instead of files. */
  seed?: number;
  /** Timed forward passes. */
  runs?: number;
};

/** A trained config of the study: the run of its first seed. */
export type TrainedConfig = {
  id: string;
  position: number;
  axes: Record<string, unknown>;
  name: string;
  runId: string;
};

export type MeasureInput = {
  study: Study;
  choice: Choice;
  /** In the order of the configs. */
  trained: readonly TrainedConfig[];
  options: MeasureOptions;
  context: Context;
};

export type Measured = Map<string, string | Uint8Array>;
export type Measure = (input: MeasureInput) => Promise<Measured>;

/** `learned 1D, cls` as part of the name of a file. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
