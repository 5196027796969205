/** Choices and defaults of options, which help shows. */

/** Values of `--preprocess`. */
export const PREPARATIONS = ['run', 'imagenet', 'clip', 'cifar10'] as const;

/** Images in one forward pass. */
export const DEFAULT_BATCH = 16;
