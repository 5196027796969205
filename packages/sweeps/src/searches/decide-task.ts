/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { directionOf, marginOf } from '@ablate/answers';
import { canonicalHash, configComplaints, DatasetChoice, type HistoryEntry, Spec, Train } from '@ablate/contracts';
import { checkpointComplaints } from '@ablate/models/checkpoint-size';
import { lengthOf, openSearch, openSpecSpace, type Point, type Problem, rungsOf, type SpecSpace } from '@ablate/search';
import { z } from 'zod';

/** What `compare` needs to know of a config. */
export const TrainedPart = z.object({ dataset: DatasetChoice, train: Train });
export type TrainedPart = z.infer<typeof TrainedPart>;

export type DecideTask = {
  spec: unknown;
  /** Of a search whose configs were written when it was submitted: these, and the number of the baseline. */
  configs: readonly TrainedPart[];
  baseline: number | null;
  history: readonly HistoryEntry[];
  /** What happened since, in the order in which it is committed. */
  news: readonly HistoryEntry[];
};

/** An entry to commit. `inputs`: of a decision; `point`: the config that a decision names. */
export type NewEntry = { entry: HistoryEntry; inputs: string | null; point: Point | null };

const ETA = 3;

function drawnProblem(
  spec: Spec,
  { space, pointOf, longest }: SpecSpace,
): Omit<Extract<Problem, { find: object }>, 'identity'> {
  const { search, seeds, compare, budget, baseline } = spec;
  if (search.method === 'grid' || search.method === 'random' || search.method === 'compare')
    throw new RangeError(`${search.method} draws no configs while it runs`);
  const whole = longest.epochs * longest.images;
  const own = baseline && pointOf(baseline);
  return {
    find: {
      search: search.method === 'find' ? search : { ...search, sampler: search.method, eta: ETA },
      rungs: search.method === 'find' ? rungsOf(longest, search.eta) : [{ samples: whole, seeds: seeds.length }],
      ...{ space, seeds, budget, direction: directionOf(compare.metric), margin: marginOf(spec, compare.metric) },
      baseline: own ? { axes: baseline, hash: own.hash, raw: null } : null,
      lengthOf: (axes) => lengthOf(pointOf(axes).config),
    },
  };
}

/** The problem of a spec, and the configs that axes give. @throws RangeError for a spec that this version cannot expand */
function problemOf(
  spec: Spec,
  { configs, baseline }: DecideTask,
): { problem: Problem; pointOf: SpecSpace['pointOf'] | null } {
  const identity = canonicalHash(spec);
  const { search, seeds, compare, budget } = spec;
  if (search.method === 'compare') {
    const lengths = configs.map(lengthOf);
    const facts = { configs: configs.length, baseline, seeds, budget };
    const scale = { direction: directionOf(compare.metric), margin: marginOf(spec, compare.metric) };
    return {
      problem: { identity, compare: { search, ...facts, ...scale, lengthOf: (i) => lengths[i]! } },
      pointOf: null,
    };
  }
  const ofCheckpoint = checkpointComplaints();
  const opened = openSpecSpace(spec, (config) => {
    const broken = configComplaints(config);
    return broken.length > 0 ? broken : ofCheckpoint(config);
  });
  if ('complaints' in opened)
    throw new RangeError(opened.complaints.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '));
  return { problem: { identity, ...drawnProblem(spec, opened) }, pointOf: opened.pointOf };
}

/** What follows from the news, one by one. A decision never depends on news after it. */
export default async (task: DecideTask): Promise<NewEntry[]> => {
  const { problem, pointOf } = problemOf(Spec.parse(task.spec), task);
  const search = openSearch(problem);
  for (const entry of task.history) search.add(entry);
  const entries: NewEntry[] = [];
  const decide = (): void => {
    for (const { decision, inputs } of search.decide()) {
      const point = decision.kind === 'config' ? (pointOf?.(decision.axes) ?? null) : null;
      entries.push({ entry: { decision }, inputs, point });
    }
  };
  decide();
  for (const entry of task.news) {
    search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  return entries;
};
