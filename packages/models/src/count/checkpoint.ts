/** The size of a run's checkpoint, from its config alone. */
import type { Complaint, Config, Model } from '@ablate/contracts';
import { modelCost } from './count.ts';

/** Bytes of the largest checkpoint that can be read back: the largest buffer of Node 20. */
export const MAX_CHECKPOINT_BYTES = 2 ** 32 - 1;

/** Copies of the parameters that an optimizer keeps. */
const SLOTS: Record<Config['train']['optimizer']['name'], number> = { adamw: 2, sgd: 1 };

/** Float32 values of the weights, the optimizer's slots and the moving average; buffers and header are negligible. */
const checkpointBytes = (parameters: number, { optimizer, ema }: Config['train']): number =>
  4 * parameters * (1 + SLOTS[optimizer.name] + (ema === null ? 0 : 1));

const number = (value: number): string => value.toLocaleString('en-US');

/** A check of configs that counts each model once. Its complaint is about a model whose checkpoint could not be read back. */
export function checkpointComplaints(): (config: Config) => Complaint[] {
  const counted = new WeakMap<Model, number>();
  return ({ model, train }) => {
    const parameters = counted.get(model) ?? modelCost(model).parameters;
    counted.set(model, parameters);
    const bytes = checkpointBytes(parameters, train);
    if (bytes <= MAX_CHECKPOINT_BYTES) return [];
    const message =
      `${number(parameters)} parameters with ${train.optimizer.name}${train.ema === null ? '' : ' and ema'} need a ` +
      `checkpoint of ${(bytes / 2 ** 30).toFixed(1)} GiB, but at most 4 GiB can be read back: use a smaller model`;
    return [{ path: ['model'], message }];
  };
}
