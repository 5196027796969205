/** The time from a request to the last byte of its response. */
import { z } from 'zod';
import type { Installation } from '../queue/installation.ts';
import type { Filled } from './fill.ts';

/** Every question, with the time that its median should stay below. */
export const QUESTIONS = {
  list: { what: 'list of sweeps (page of 100)', target: 50 },
  runs: { what: 'succeeded runs of a sweep of 100,000 (page of 100)', target: 150 },
  answerSmall: { what: 'answer of 12 runs', target: 100 },
  answerMedium: { what: 'answer of 1,000 runs', target: 100 },
  answerLarge: { what: 'answer of 100,000 runs (10,000 configs, 200 rows)', target: 1000 },
  unchanged: { what: 'the same, unchanged (304)', target: 5 },
  curves: { what: 'ten curves of 5,000 steps', target: 100 },
  curvesOfSeeds: { what: 'ten curves of 5,000 steps and 5 seeds', target: null },
  ablationMedium: { what: 'SQL: view `ablation`, the sweep of 1,000 runs', target: 100 },
  ablationLarge: { what: 'SQL: view `ablation`, the sweep of 100,000 runs', target: null },
} as const satisfies Record<string, { what: string; target: number | null }>;

export const Latency = z.strictObject({
  name: z.enum(Object.keys(QUESTIONS) as [keyof typeof QUESTIONS, ...(keyof typeof QUESTIONS)[]]),
  median: z.number(),
  p95: z.number(),
  bytes: z.number(),
});
export type Latency = z.infer<typeof Latency>;

type Options = { repeats: number; log: (line: string) => void };

export async function latencies(
  { ask, db }: Installation,
  { ids }: Filled,
  { repeats, log }: Options,
): Promise<Latency[]> {
  const get = async (path: string, headers: Record<string, string> = {}, expected = 200): Promise<number> => {
    const { status, body } = await ask('GET', `/api/v1${path}`, undefined, headers);
    if (status !== expected) throw new Error(`${path}: ${status} ${body.slice(0, 500)}`);
    return body.length;
  };
  const tag = (await ask('GET', `/api/v1/sweeps/${ids.large}/answer`)).etag ?? '';
  const select = async (sweep: string): Promise<number> =>
    JSON.stringify((await db.pool.query('SELECT * FROM reporting.ablation WHERE sweep_id = $1', [sweep])).rows).length;
  const questions: Record<keyof typeof QUESTIONS, () => Promise<number>> = {
    list: () => get('/sweeps?limit=100'),
    runs: () => get(`/sweeps/${ids.large}/runs?state=succeeded&limit=100`),
    answerSmall: () => get(`/sweeps/${ids.small}/answer`),
    answerMedium: () => get(`/sweeps/${ids.medium}/answer`),
    answerLarge: () => get(`/sweeps/${ids.large}/answer`),
    unchanged: () => get(`/sweeps/${ids.large}/answer`, { 'if-none-match': tag }, 304),
    curves: () => get(`/sweeps/${ids.single}/curves`),
    curvesOfSeeds: () => get(`/sweeps/${ids.medium}/curves`),
    ablationMedium: () => select(ids.medium),
    ablationLarge: () => select(ids.large),
  };
  const measured: Latency[] = [];
  for (const name of Latency.shape.name.options) {
    const question = questions[name];
    let bytes = await question(); // not measured: plans and caches are warm afterwards
    const times: number[] = [];
    for (let i = 0; i < repeats; i++) {
      const begun = performance.now();
      bytes = await question();
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
    measured.push({ name, median: at(0.5), p95: at(0.95), bytes });
    log(`${QUESTIONS[name].what}: ${at(0.5).toFixed(1)} ms, 95 % below ${at(0.95).toFixed(1)} ms, ${bytes} bytes`);
  }
  return measured;
}
