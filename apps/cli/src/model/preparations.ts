/** Values of `--preprocess`, and the default of `--batch`. Imports nothing: `--help` shows them. */
export const PREPARATIONS = ['run', 'imagenet', 'clip', 'cifar10'] as const;
export const DEFAULT_BATCH = 16;
