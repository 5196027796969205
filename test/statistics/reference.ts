/** What SciPy, mpmath, statsmodels, Optuna and R compute; the programs that wrote the files lie beside them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/statistics/${name}.json`, import.meta.url), 'utf8'));

const one = z.tuple([z.number(), z.number()]);
const two = z.tuple([z.number(), z.number(), z.number()]);
const three = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const numbers = z.array(z.number());

export const reference = z
  .object({
    student: z.array(two),
    studentCritical: z.array(two),
    fisher: z.array(three),
    fisherQuantile: z.array(three),
    normal: z.array(one),
    normalQuantile: z.array(one),
    logGamma: z.array(one),
    gamma: z.array(three),
    noncentral: z.array(three),
    power: z.array(three),
    detectable: z.array(three),
    seeds: z.array(three),
    pairs: z.array(
      z.object({ a: numbers, b: numbers, p: z.number(), interval: one, margin: z.number(), tost: z.number() }),
    ),
    far: z.object({ a: numbers, b: numbers, p: z.number() }),
    holm: z.array(z.tuple([numbers, numbers])),
    binomialInterval: z.array(three),
    binomialTest: z.array(three),
    mcnemar: z.array(two),
    maximum: z.array(one),
    importance: z.object({
      trials: z.array(
        z.object({ values: z.record(z.string(), z.union([z.number(), z.string()])), result: z.number() }),
      ),
      importance: z.record(z.string(), z.number()),
    }),
  })
  .parse(read('reference'));

export const aov = z
  .object({
    grids: z.array(
      z.object({
        axes: z.array(z.string()),
        results: z.array(z.object({ levels: z.record(z.string(), z.string()), seed: z.number(), value: z.number() })),
        terms: z.array(
          z.object({ name: z.string(), freedom: z.number(), squares: z.number(), p: z.number().nullable() }),
        ),
      }),
    ),
    twoWay: z.array(
      z.object({
        configs: z.number(),
        seeds: z.number(),
        cells: z.array(z.object({ config: z.number(), seed: z.number(), value: z.number() })),
        variance: z.number(),
        freedom: z.number(),
        difference: numbers,
        se: numbers,
      }),
    ),
  })
  .parse(read('aov'));
