/** `docs/spec.md`: every field of a sweep's spec, from the zod schemas of `@ablate/contracts`. */
import {
  AUGMENT_SETS,
  AugmentOp,
  ConditionalValues,
  DatasetChoice,
  KNOWN_DATASETS,
  Link,
  MAX_CONFIGS,
  MAX_RUNS,
  Model,
  Optimizer,
  Permutation,
  PRESETS,
  Range,
  Search,
  Spec,
  Train,
} from '@ablate/contracts';
import type { z } from 'zod';
import { code, fieldsOf, fieldTable, table } from './table.ts';

/** Required of a model, and filled in before it is parsed. */
const DEFAULTS: Readonly<Record<string, string>> = {
  imageSize: 'that of the data set or preset',
  classes: 'those of the data set or preset',
};

/** One variant of a union: a heading, the description of the variant, and its other fields. */
function variant(level: string, kind: string, schema: z.ZodObject): string {
  const fields = fieldsOf(schema).map((field) => ({ ...field, default: DEFAULTS[field.name] ?? field.default }));
  const named = fields.find(({ name }) => name === kind);
  const others = fields.filter(({ name }) => name !== kind);
  const head = `${level} ${named?.accepts.replaceAll('`', '')}\n\n${named?.description}.`;
  return others.length === 0 ? head : `${head}\n\n${fieldTable(others)}`;
}

const facts = (value: number | undefined): string => value?.toLocaleString('en-US') ?? 'from the images';

const datasets = table(
  ['name', 'image size', 'classes', 'training images', 'test images'],
  Object.entries(KNOWN_DATASETS).map(([name, known]) => [
    code(name),
    facts(known.imageSize),
    facts(known.classes),
    facts(known.trainImages),
    facts(known.testImages),
  ]),
);

const presets = table(
  ['preset', 'family', 'fields'],
  Object.entries(PRESETS).map(([name, { family, ...fields }]) => [
    code(name),
    code(family),
    Object.entries(fields)
      .map(([field, value]) => `${field} ${code(value)}`)
      .join(', '),
  ]),
);

const sets = table(
  ['name', 'operations'],
  Object.entries(AUGMENT_SETS).map(([name, ops]) => [
    code(name),
    ops.map(({ op }) => code(op)).join(', ') || 'no operation',
  ]),
);

/** The whole page. */
export const specPage = (): string => `# The spec of a sweep

<!-- Generated from packages/contracts by \`npm run docs\`. Do not edit. -->

A sweep is submitted as one JSON object, its spec: \`POST /api/v1/sweeps\` or \`ablate submit\`. An
unknown field is an error. \`studies/*/sweep.json\` are specs to start from. Rules that relate several fields,
such as "heads must divide width", are in \`packages/contracts/src/rules.ts\`; the API reports each
broken rule with a pointer into the spec.

${fieldTable(
  fieldsOf(Spec, {
    dataset: '[dataset](#dataset)',
    model: '[model](#model)',
    train: '[train](#train)',
    augment: '[augment](#augment)',
    search: '[search](#search)',
    space: '[space](#space)',
    baseline: 'object: axes and their values',
  }),
)}

A sweep holds at most ${MAX_CONFIGS.toLocaleString('en-US')} configs and ${MAX_RUNS.toLocaleString('en-US')} runs.

## dataset

${fieldTable(fieldsOf(DatasetChoice))}

Known data sets, which a spec is checked against before any image is read:

${datasets}

## model

A model is a family or a \`preset\`, and fields that differ from its defaults. A field of the spec
takes precedence over the data set (\`imageSize\`, \`classes\`), the data set over the preset, the
preset over the default of the family. The default family is \`vit\`.

${presets}

${Model.options.map((family) => variant('###', 'family', family)).join('\n\n')}

## train

${fieldTable(fieldsOf(Train, { optimizer: '[optimizer](#optimizer)' }))}

### optimizer

\`name\` selects the optimizer; without a name it is \`adamw\`.

${Optimizer.out.options.map((optimizer) => variant('####', 'name', optimizer)).join('\n\n')}

## augment

A name, a timm string (\`rand-m9-mstd0.5-inc1\`, \`--reprob 0.25\`), several of them separated by
spaces, or a list of names, strings and operations \`{ "op": …, … }\`.

${sets}

${AugmentOp.options.map((op) => variant('###', 'op', op)).join('\n\n')}

## search

\`method\` selects the search.

${Search.options.map((method) => variant('###', 'method', method)).join('\n\n')}

## space

An object of axes. The name of an axis is a path into \`dataset\`, \`model\`, \`train\` or \`augment\`,
such as \`model.patchSize\`; its value is a list of values or one of the objects below. A list of
such objects is the union of their spaces.

### range

Numbers between two ends, for a search that draws; a grid takes a range with a \`step\`.

${fieldTable(fieldsOf(Range))}

### values

A list with a condition.

${fieldTable(fieldsOf(ConditionalValues))}

### permutation

Every order of some items.

${fieldTable(fieldsOf(Permutation))}

### link

A value that follows from others. It is no axis of its own: it multiplies no points.

${fieldTable(fieldsOf(Link))}

### expressions

Conditions (\`when\`), links (\`=\`) and \`constraints\` are expressions in [CEL](https://cel.dev):
\`train.optimizer.name == "sgd" && model.depth > 4\`. They name paths into \`dataset\`, \`model\`, \`train\` and
\`augment\`, and use \`+ - * / %\`, \`== != < <= > >=\`, \`&& || !\`, \`? :\`, \`in\`, lists, \`has(path)\`, \`size\`, \`int\`,
\`double\`, \`string\`, \`startsWith\`, \`endsWith\` and \`contains\`. Numbers are doubles, as in JSON; only
literals without a point and results of \`int\` and \`size\` divide as whole numbers, so write
\`1.0 / 2\`.

- A **condition** or a **link** reads the other axes of its space and what the spec writes, not
  defaults. An axis whose condition is false has no value, nor has one whose condition or link needs
  it; \`||\` and \`&&\` ignore a side without a value where the other decides.
- A **constraint** reads the whole config with its defaults. Points that it rejects are left out;
  one that names a field that a config lacks, such as \`model.depth\` of a ResNet, says nothing about
  that config.
`;
