/** `ablate precision`: float32 against reduced precision: time, memory, and how far the answers are apart. */
import { z } from 'zod';
import type { Context } from '../command.ts';
import { Failure } from '../failure.ts';
import { formatTable } from '../table.ts';
import { openImages } from './image-input.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { PRECISIONS, type Timed, timeForward } from './timing.ts';
import { modelOf, openWeights } from './weights-source.ts';

const Options = ImagesOptions.extend({
  runs: z.coerce.number().int().min(2).max(100_000).default(100),
  warmup: z.coerce.number().int().min(0).max(10_000).default(10),
  json: z.boolean().default(false),
});

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** Sample standard deviation. */
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
};

/** Largest difference, relative to the largest absolute value of `wanted`. */
function apart(found: Float32Array, wanted: Float32Array): number {
  const most = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return found.reduce((max, value, at) => Math.max(max, Math.abs(value - (wanted[at] ?? 0))), 0) / most;
}

/** In how many of `rows` rows the largest value is at the same place. */
function agreeing(found: Float32Array, wanted: Float32Array, rows: number): number {
  const width = wanted.length / rows;
  const best = (values: Float32Array, row: number): number => {
    const part = values.subarray(row * width, (row + 1) * width);
    return part.indexOf(part.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  };
  return Array.from({ length: rows }, (_, row) => best(found, row) === best(wanted, row)).filter(Boolean).length;
}

export async function runPrecision(raw: unknown, context: Context): Promise<void> {
  const { runs, warmup, json, ...options } = parseOptions(Options, raw);
  const file =
    options.weights === undefined ? undefined : await openWeights({ ...options, weights: options.weights }, context);
  const model = await modelOf(options, file);
  const input = await openImages(options, model.imageSize);
  const { value: first } = await input.batches().next();
  if (!first) throw new Failure(`${options.input} holds no image`);
  const { shape, data } = first.images;
  const images = { shape, data: data.slice() };
  const rows = shape[0] ?? 0;
  const timed: (Timed & { precision: (typeof PRECISIONS)[number] })[] = [];
  for (const precision of PRECISIONS) {
    context.say(
      `${precision}: ${warmup} runs to warm up, ${runs} that count, ${rows} image${rows === 1 ? '' : 's'} each`,
    );
    const timing = await timeForward({ options, precision, warmup, runs, images }, context.signal);
    if ('obstacle' in timing) {
      context.say(`  left out: ${timing.obstacle}`);
      continue;
    }
    for (const note of timing.notes) context.say(`  ${note}`);
    timed.push({ ...timing, precision });
  }
  const [exact] = timed;
  const results = timed.map((timing) => ({
    precision: timing.precision,
    images: rows,
    runs,
    meanMilliseconds: mean(timing.milliseconds),
    sdMilliseconds: deviation(timing.milliseconds),
    peakMegabytes: timing.peakBytes / 1e6,
    difference: apart(timing.answer, exact?.answer ?? timing.answer),
    sameBest: agreeing(timing.answer, exact?.answer ?? timing.answer, rows),
    compiled: timing.compiled,
  }));
  if (json) return context.print(JSON.stringify(results, null, 2));
  const cells = results.map((row) => [
    row.precision,
    `${row.meanMilliseconds.toFixed(2)} ± ${row.sdMilliseconds.toFixed(2)}`,
    row.peakMegabytes.toFixed(0),
    row.difference.toExponential(1),
    `${row.sameBest} of ${rows}`,
  ]);
  context.print(formatTable(['precision', 'ms a batch', 'peak MB', 'difference', 'same best'], cells));
  context.print(
    `\n${rows} image${rows === 1 ? '' : 's'} a batch, mean ± sd of ${runs} runs. Memory is the process’s, TensorFlow included, without a GPU’s.\n` +
      'The difference is the largest, relative to the largest absolute value of float32’s answer.',
  );
}
