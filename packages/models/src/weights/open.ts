/** Weights from a path or a URL: of another implementation, or a checkpoint of a run. */
import { type Model, UserError } from '@ablate/contracts';
import { SafetensorsError, type TensorData } from '../safetensors.ts';
import { downloadWeights } from './download.ts';
import { readTensorsFile } from './file.ts';
import { type RunCheckpoint, readRunCheckpoint } from './run-checkpoint.ts';
import { type ReadWeights, readWeights, WeightsError } from './transfer.ts';

export type WeightsFile = {
  /** The local file; of a URL the downloaded one. */
  path: string;
  tensors: Map<string, TensorData>;
  /** Of a checkpoint of a run; null for other files. */
  checkpoint: RunCheckpoint | null;
};

export type WeightsSource = {
  /** A path, or an http(s) URL. */
  weights: string;
  /** Required for a URL: downloads are verified. */
  sha256?: string;
  /** Folder of downloaded weights; called for a URL only. */
  cache: () => Promise<string>;
};

const isUrl = (source: string): boolean => /^[a-z]+:\/\//i.test(source);

/** Read a safetensors file, downloading and verifying it first if it is a URL. @throws UserError naming the file */
export async function openWeights({ weights, sha256, cache }: WeightsSource): Promise<WeightsFile> {
  let path = weights;
  if (isUrl(weights)) {
    if (sha256 === undefined)
      throw new UserError(`weights from a URL need --sha256, the SHA-256 of ${weights}`, 'usage');
    path = await downloadWeights({ url: weights, sha256, cache: await cache() }).catch((cause: Error) => {
      throw new UserError(cause.message);
    });
  }
  try {
    const { tensors, metadata } = await readTensorsFile(path);
    return { path, tensors, checkpoint: readRunCheckpoint(metadata, path) };
  } catch (error) {
    if (error instanceof SafetensorsError) throw new UserError(error.message);
    throw error;
  }
}

const MAX_LISTED = 4;
const summary = (names: readonly string[]): string =>
  names.slice(0, MAX_LISTED).join(', ') + (names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : '');

/**
 * The file's tensors under our names, in TensorFlow's layout. `report` receives what was recognised, interpolated and ignored.
 * @throws UserError naming every tensor that does not fit the model
 */
export function fitWeights(
  model: Model,
  file: WeightsFile,
  { names, interpolatePositions = false }: { names?: string; interpolatePositions?: boolean },
  report: (line: string) => void,
): ReadWeights['tensors'] {
  const chosen = names ?? (file.checkpoint ? 'checkpoint' : undefined);
  try {
    const { tensors, naming, ignored, kept, fitted } = readWeights(model, file.tensors, {
      names: chosen,
      interpolate: interpolatePositions,
    });
    report(`weights: ${tensors.size} tensors, naming ${naming}`);
    if (fitted.length > 0) report(`  positions interpolated: ${fitted.join(', ')}`);
    // A run's checkpoint always has optimiser state: no need to say so.
    if (ignored.length > 0 && file.checkpoint === null) report(`  ignored: ${summary(ignored)}`);
    if (kept.length > 0) report(`  missing in the file, set to zero: ${kept.join(', ')}`);
    return tensors;
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    const positions = /misshapen: .*pos_embed/.test(error.message) && !interpolatePositions;
    throw new UserError(
      `${error.message}${positions ? '\n(--interpolate-positions resizes positions of another image size)' : ''}`,
    );
  }
}
