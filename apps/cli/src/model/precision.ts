/** `ablate precision`: reduced precision compared with float32: time, memory, and difference of the outputs. */
import { count, UserError } from '@ablate/contracts';
import { modelOf, PRECISIONS, relativeDifference, sameArgmax, type Timed, timeForward } from '@ablate/models';
import { mean, standardDeviation } from '@ablate/statistics';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatTable } from '../table.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { openImagesOf, openWeightsOf } from './sources.ts';

const Options = ImagesOptions.extend({
  runs: z.coerce.number().int().min(2).max(100_000).default(100),
  warmup: z.coerce.number().int().min(0).max(10_000).default(10),
  json: z.boolean().default(false),
});

export async function runPrecision(raw: unknown, context: Context): Promise<void> {
  const { runs, warmup, json, ...options } = parseOptions(Options, raw);
  const { weights } = options;
  const file = weights === undefined ? undefined : await openWeightsOf({ ...options, weights }, context);
  const model = await modelOf(options, file);
  const input = await openImagesOf(options, { side: model.imageSize, checkpoint: file?.checkpoint ?? null });
  const { value: first } = await input.batches().next();
  if (!first) throw new UserError(`${options.input} has no images`);
  const { shape, data } = first.images;
  const images = { shape, data: data.slice() };
  const rows = shape[0] ?? 0;
  const timed: (Timed & { precision: (typeof PRECISIONS)[number] })[] = [];
  for (const precision of PRECISIONS) {
    context.log(
      `${precision}: ${count(warmup, 'warm-up run')}, ${count(runs, 'measured run')}, ${count(rows, 'image')} each`,
    );
    const order = { source: { ...options, weights: file?.path }, precision, warmup, runs, images };
    const timing = await timeForward(order, context.signal);
    if ('unsupported' in timing) {
      context.log(`  skipped: ${timing.unsupported}`);
      continue;
    }
    for (const note of timing.notes) context.log(`  ${note}`);
    timed.push({ ...timing, precision });
  }
  const [exact] = timed;
  const results = timed.map(({ precision, milliseconds, output, peakBytes, compiled }) => {
    return {
      precision,
      images: rows,
      runs,
      meanMilliseconds: mean(milliseconds),
      sdMilliseconds: standardDeviation(milliseconds),
      peakMegabytes: peakBytes / 1e6,
      difference: relativeDifference(output, exact?.output ?? output),
      sameBest: sameArgmax(output, exact?.output ?? output, rows),
      compiled,
    };
  });
  if (json) return context.print(asJson(results));
  const cells = results.map((row) => [
    row.precision,
    `${row.meanMilliseconds.toFixed(2)} ± ${row.sdMilliseconds.toFixed(2)}`,
    row.peakMegabytes.toFixed(0),
    row.difference.toExponential(1),
    `${row.sameBest} of ${rows}`,
  ]);
  context.print(formatTable(['precision', 'ms per batch', 'peak MB', 'difference', 'same argmax'], cells));
  context.print(
    `\n${count(rows, 'image')} per batch, mean ± sd of ${count(runs, 'run')}. Memory is that of the process, including TensorFlow, without a GPU’s.\n` +
      'The difference is the largest, relative to the largest absolute value of the float32 output.',
  );
}
