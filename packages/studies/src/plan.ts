/** What a study trains at a scale: its sweeps, named and expanded. */
import { axisTexts, formatPoint } from '@ablate/answers';
import type { ScaleName } from '@ablate/contracts';
import { canonicalHash, KNOWN_DATASETS, type Spec, UserError } from '@ablate/contracts';
import { expand, type Point } from '@ablate/search';
import type { Results } from './results.ts';
import { scaledSpec } from './scale-spec.ts';
import { type Study, WRITTEN_SCALE } from './study.ts';
import type { Scale } from './study-text.ts';

/** How a study is run. */
export type Choice = {
  scale: ScaleName;
  /** Number of seeds, instead of that of the scale. */
  seeds?: number | undefined;
  /** Name of another data set. */
  dataset?: string | undefined;
};

export type PlannedSweep = {
  /** Of the file, such as `sweep`. */
  name: string;
  spec: Spec;
  points: Point[];
  /** Submitting the sweep again with this key returns the same sweep. */
  key: string;
};

/** The numbers of a scale. @throws UserError if the study has no scales */
function scaleOf({ name, text }: Study, { scale, seeds }: Choice): Scale {
  const found = text.scales?.[scale];
  if (found === undefined) throw new UserError(`study ${name} trains nothing, so it has no scales`, 'usage');
  return seeds === undefined ? found : { ...found, seeds };
}

/** The name of a study's sweep in the database: `study basic-block-order (cpu)`. */
export function sweepName(study: Study, sweep: string, { scale, seeds, dataset }: Choice): string {
  const part = study.sweeps.length > 1 ? `, ${sweep}` : '';
  const other = seeds === undefined || seeds === study.text.scales?.[scale].seeds ? '' : `, ${seeds} seeds`;
  return `study ${study.name}${part} (${scale}${other}${dataset === undefined ? '' : `, ${dataset}`})`;
}

/** The command that runs a study like this. */
export const runCommand = ({ name, sweeps }: Study, { scale, seeds, dataset }: Choice): string =>
  [
    `npx ablate study run ${name}`,
    ...(sweeps.length === 0 ? [] : [`--scale ${scale}`]),
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...(dataset === undefined ? [] : [`--dataset ${dataset}`]),
  ].join(' ');

/** The place of a complaint in words: `dataset.samples`. */
const placeOf = (pointer: string): string => pointer.slice(1).replaceAll('/', '.');

/** The sweeps of a study at a scale. @throws UserError if the data set cannot fill the scale, or a config breaks a rule */
export function plannedSweeps(study: Study, choice: Choice): PlannedSweep[] {
  const from = study.text.scales?.[WRITTEN_SCALE];
  if (from === undefined) return [];
  const to = scaleOf(study, choice);
  const { dataset: other } = choice;
  if (other !== undefined && !Object.hasOwn(KNOWN_DATASETS, other))
    throw new UserError(
      `unknown data set "${other}": ${Object.keys(KNOWN_DATASETS).join(', ')}. For data of your own, copy the sweep and set dataset and image size (docs/data.md)`,
      'usage',
    );
  return study.sweeps.map(({ name, spec: written }) => {
    const title = sweepName(study, name, choice);
    const spec = scaledSpec(written, { from, to, name: title, dataset: choice.dataset });
    const expansion = expand(spec);
    if ('complaints' in expansion) {
      const [complaint] = expansion.complaints;
      throw new UserError(
        `study ${study.name} cannot run at scale ${choice.scale}: ${placeOf(complaint?.pointer ?? '')}: ${complaint?.detail}. Choose a smaller scale or other data`,
        'usage',
      );
    }
    const { points } = expansion;
    return {
      name,
      spec,
      points,
      key: `study:${study.name}:${name}:${choice.scale}:${canonicalHash(spec).slice(0, 16)}`,
    };
  });
}

/** The configs of a sweep, in its order, with their names. */
export function sweepPoints({ points }: Pick<PlannedSweep, 'points'>) {
  const text = axisTexts(points);
  return points.map(({ axes }, position) => ({ position, axes, name: formatPoint(axes, { text }) }));
}

/** How the results were made: other seeds and other data than those of the scale show in the rows. */
export function choiceOf(study: Study, scale: ScaleName, { runs }: Pick<Results, 'runs'>): Choice {
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const dataset = runs[0]?.dataset;
  const written = study.sweeps[0]?.spec.dataset.name;
  return {
    scale,
    ...(seeds === 0 || seeds === study.text.scales?.[scale].seeds ? {} : { seeds }),
    ...(dataset === undefined || dataset === written ? {} : { dataset }),
  };
}
