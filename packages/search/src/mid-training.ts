/** What of a config may change while its model trains: no tensor, no step of the schedule and no image depends on it. */
import { augmentOps, type Config, canonicalJson, normaliseOp } from '@ablate/contracts';

const CHANGEABLE = [
  ...['augment', 'model.dropout', 'train.optimizer'],
  ...['train.labelSmoothing', 'train.clipNorm', 'train.ema'],
];

/** Whether values of this axis may change while a model trains. */
export const isChangeable = (path: string): boolean =>
  path !== 'train.optimizer.name' && CHANGEABLE.some((part) => path === part || path.startsWith(`${part}.`));

/** The rest of a config as text, which a checkpoint must share with the config that goes on from it. */
export function fixedPart({ dataset, model, train, augment }: Config): string {
  const { optimizer, labelSmoothing: _, clipNorm: __, ema, ...schedule } = train;
  // Momentum and averages have tensors of their own.
  const slots = {
    name: optimizer.name,
    ema: ema !== null,
    momentum: optimizer.name === 'sgd' && optimizer.momentum > 0,
  };
  const fixed = 'dropout' in model ? { ...model, dropout: null } : model;
  return canonicalJson({ dataset, model: fixed, schedule, slots, normalise: normaliseOp(augmentOps(augment)) ?? null });
}
