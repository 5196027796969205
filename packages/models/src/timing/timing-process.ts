/** The process of `timing.ts`: times one network in one precision, so that it shares its memory with nothing. One message in, one out. */
import { UserError } from '@ablate/contracts';
import { describeDevice, openProgram, tf } from '@ablate/engine';
import { openNetwork } from '../open-network.ts';
import { type Timing, TimingOrder } from './timing.ts';

const noCache = () => Promise.reject(new Error('the weights must be a local file'));

async function time({ source, precision, warmup, runs, images }: TimingOrder): Promise<Timing> {
  const { bf16Obstacle } = describeDevice();
  if (precision === 'bf16' && bf16Obstacle !== null) return { unsupported: bf16Obstacle };
  const { network } = await openNetwork(source, { cache: noCache, report: () => undefined });
  const program = openProgram({
    variables: new Map([...network.parameters, ...network.buffers]),
    precision,
    functions: {
      forward: ({ images: input }) => {
        if (!input) throw new Error('forward needs images');
        const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
        return { output: network.forward(input, { training: false, random }) };
      },
    },
  });
  try {
    const input = { images: { shape: images.shape, dtype: 'float32' as const, data: images.data } };
    const milliseconds: number[] = [];
    let output = new Float32Array();
    for (let run = 0; run < warmup + runs; run++) {
      const start = performance.now();
      // Outputs are copied out, so the clock stops after the device has finished.
      output = Float32Array.from(program.run('forward', input).output ?? []);
      if (run >= warmup) milliseconds.push(performance.now() - start);
    }
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { milliseconds, output, peakBytes, compiled: program.compiled, notes: [...program.notes] };
  } finally {
    program.dispose();
    network.dispose();
  }
}

process.once('message', async (raw) => {
  const answer = await time(TimingOrder.parse(raw)).catch(
    (error): Timing => ({
      failure: error instanceof UserError ? error.message : String(error instanceof Error ? error.stack : error),
    }),
  );
  process.send?.(answer, undefined, undefined, () => process.disconnect());
});
