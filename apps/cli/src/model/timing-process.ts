/** The process of `timing.ts`: times one network in one precision, so that its memory is its alone. One message in, one out. */
import { describeDevice, openProgram, tf } from '@ablate/engine';
import { readCliEnv } from '../env.ts';
import { Failure } from '../failure.ts';
import { openNetwork } from './open-network.ts';
import { type Timing, TimingOrder } from './timing.ts';

async function time({ options, precision, warmup, runs, images }: TimingOrder): Promise<Timing> {
  const { bf16Obstacle: obstacle } = describeDevice();
  if (precision === 'bf16' && obstacle !== null) return { obstacle };
  const notes: string[] = [];
  const { network } = await openNetwork(options, {
    env: () => readCliEnv(process.env),
    print: () => undefined,
    say: (text) => void notes.push(text),
    signal: new AbortController().signal,
  });
  const program = openProgram({
    variables: new Map([...network.parameters, ...network.buffers]),
    precision,
    functions: {
      forward: ({ images: input }) => {
        if (!input) throw new Error('the forward pass wants images');
        const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
        return { answer: network.forward(input, { training: false, random }) };
      },
    },
  });
  try {
    const input = { images: { shape: images.shape, dtype: 'float32' as const, data: images.data } };
    const milliseconds: number[] = [];
    let answer = new Float32Array();
    for (let run = 0; run < warmup + runs; run++) {
      const start = performance.now();
      // Outputs are copied out, so the clock stops after the device has finished.
      answer = Float32Array.from(program.run('forward', input).answer ?? []);
      if (run >= warmup) milliseconds.push(performance.now() - start);
    }
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { milliseconds, answer, peakBytes, compiled: program.compiled, notes: [...program.notes] };
  } finally {
    program.dispose();
    network.dispose();
  }
}

process.once('message', async (raw) => {
  const answer = await time(TimingOrder.parse(raw)).catch(
    (error): Timing => ({
      failure: error instanceof Failure ? error.message : String(error instanceof Error ? error.stack : error),
    }),
  );
  process.send?.(answer, undefined, undefined, () => process.disconnect());
});
