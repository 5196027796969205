/** What Optuna, SciPy and mpmath compute; the program that wrote the file lies beside it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const numbers = z.array(z.number());
const points = z.array(numbers);
const one = z.tuple([z.number(), z.number()]);
const two = z.tuple([z.number(), z.number(), z.number()]);

export const reference = z
  .object({
    normal: z.array(one),
    logNormal: z.array(one),
    mass: z.array(two),
    improvement: z.array(two),
    evidence: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    kendall: z.array(z.object({ points: z.array(one), tau: z.number() })),
    halton: points,
    sobol: points,
    parzen: z.array(z.object({ observed: points, at: points, logDensity: numbers })),
    split: z.object({ trials: z.array(one), good: numbers }),
    gp: z.object({
      x: points,
      y: numbers,
      kernels: z.array(
        z.object({
          weights: numbers,
          scale: z.number(),
          noise: z.number(),
          loss: z.number(),
          gradient: numbers,
          at: points,
          mean: numbers,
          variance: numbers,
        }),
      ),
      bestLoss: z.number(),
      exact: z.object({
        weights: numbers,
        scale: z.number(),
        noise: z.number(),
        logImprovement: numbers,
        largest: z.number(),
      }),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/search/reference.json', import.meta.url), 'utf8')));
