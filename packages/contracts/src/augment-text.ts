/**
 * `augment` as text: names of sets, timm's `--aa` strings and timm's flags, separated by spaces: `basic rand-m9-mstd0.5-inc1 --reprob 0.25`.
 * The meaning is that of timm 1.0: timm/data/auto_augment.py, transforms_factory.py, random_erasing.py and mixup.py.
 * Nothing is implied: timm's own crop and flip need `--scale` and `--hflip`.
 */
import type { z } from 'zod';
import { AugmentOp, TimmPolicy } from './augment-op.ts';
import { AUGMENT_SETS, AugmentSet } from './augment-sets.ts';

type Written = z.input<typeof AugmentOp>;

class AugmentTextError extends Error {}
const refuse = (message: string): never => {
  throw new AugmentTextError(message);
};

/** The order of operations in timm; operations of one stage keep their order. */
const STAGES = ['crop', 'flip', 'policy', 'jitter', 'grayscale', 'blur', 'erase', 'mix'] as const;
type Staged = { stage: (typeof STAGES)[number]; op: Written };

const number = (word: string, value: string | undefined): number => {
  const parsed = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(parsed)
    ? parsed
    : refuse(`${word} needs a number${value === undefined ? '' : `, not "${value}"`}`);
};

/** The sections of a string such as `m9-n2-mstd0.5`: letters, then a number (or, after a `t`, a name). */
function sections(word: string, allowed: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const section of word.split('-').slice(1)) {
    const [, key, value] = /^(t)(weights|3aw|3a)$/.exec(section) ?? /^([a-z]+)(\d[\d.]*)$/.exec(section) ?? [];
    if (key === undefined || value === undefined || !allowed.includes(key) || found.has(key))
      return refuse(
        `"${section}" of "${word}" is invalid: expected timm’s sections ${allowed.join(', ')}, each at most once, with a value`,
      );
    found.set(key, value);
  }
  return found;
}

type Section = (key: string, fallback: number) => number;
const reader =
  (word: string, found: ReadonlyMap<string, string>): Section =>
  (key, fallback) =>
    found.has(key) ? number(`${key} of "${word}"`, found.get(key)) : fallback;

/** A deviation above 100 is timm's "uniform". */
const deviation = (value: number): number | 'uniform' => (value > 100 ? 'uniform' : value);

function rand(word: string): Written {
  const found = sections(word, ['m', 'n', 'p', 'mstd', 'mmax', 'inc', 't']);
  const read = reader(word, found);
  const named = found.get('t') as 'weights' | '3a' | '3aw' | undefined; // the pattern above allows no other
  return {
    op: 'timmRandaugment',
    layers: read('n', 2),
    magnitude: read('m', 10),
    deviation: deviation(read('mstd', 0)),
    limit: read('mmax', 10),
    layerP: read('p', 0.5),
    transforms: named ?? (read('inc', 0) !== 0 ? 'increasing' : 'plain'),
  };
}

/** `b`, timm's stepwise blending, gives the same mixture except for rounding: it is accepted and ignored. */
function augmix(word: string): Written {
  const found = sections(word, ['m', 'w', 'd', 'a', 'b', 'mstd']);
  const read = reader(word, found);
  return {
    op: 'timmAugmix',
    magnitude: read('m', 3),
    width: read('w', 3),
    depth: read('d', -1),
    alpha: read('a', 1),
    deviation: found.has('mstd') ? deviation(read('mstd', 0)) : 'uniform',
  };
}

function policy(word: string, name: TimmPolicy): Written {
  const read = reader(word, sections(word, ['mstd']));
  return { op: 'timmAutoaugment', policy: name, deviation: deviation(read('mstd', 0)) };
}

/** Reads a word that is not a flag. `augmix` alone is the named set, `augmix-m3` is timm's. */
function words(word: string): Staged[] {
  const set = AugmentSet.safeParse(word);
  if (set.success) return AUGMENT_SETS[set.data].map((op) => ({ stage: 'policy', op }));
  const [first = ''] = word.split('-');
  const name = TimmPolicy.safeParse(first);
  if (name.success) return [{ stage: 'policy', op: policy(word, name.data) }];
  if (first === 'rand') return [{ stage: 'policy', op: rand(word) }];
  if (first === 'augmix') return [{ stage: 'policy', op: augmix(word) }];
  return refuse(`"${word}" is unknown: ${ALLOWED}`);
}

export const ALLOWED = `use one of ${AugmentSet.options.join(', ')}; or timm’s rand-m9-n2-mstd0.5-inc1, augmix-m3-w3, ${TimmPolicy.options.join(', ')}, --reprob 0.25, …; or a list of { op, … }`;

/** timm's flags, and the number of values of each. */
const FLAGS: Record<string, readonly [fewest: number, most: number]> = {
  '--aa': [1, 1],
  '--scale': [2, 2],
  '--ratio': [2, 2],
  '--train-interpolation': [1, 1],
  '--hflip': [1, 1],
  '--vflip': [1, 1],
  '--color-jitter': [1, 4],
  '--color-jitter-prob': [1, 1],
  '--grayscale-prob': [1, 1],
  '--gaussian-blur-prob': [1, 1],
  '--reprob': [1, 1],
  '--remode': [1, 1],
  '--recount': [1, 1],
  '--mixup': [1, 1],
  '--cutmix': [1, 1],
  '--mixup-prob': [1, 1],
  '--mixup-switch-prob': [1, 1],
};

const ERASE_FILLS: Record<string, 'mean' | 'color' | 'noise'> = { const: 'mean', rand: 'color', pixel: 'noise' };

/** The operations of all flags, as timm's factories build them. */
function flagged(flags: ReadonlyMap<string, string[]>): Staged[] {
  const values = (flag: string): number[] | undefined => flags.get(flag)?.map((value) => number(flag, value));
  const one = (flag: string, fallback: number): number => values(flag)?.[0] ?? fallback;
  const word = (flag: string, fallback: string): string => flags.get(flag)?.[0] ?? fallback;
  const without = (flag: string, needed: string): unknown =>
    flags.has(flag) && !flags.has(needed) && refuse(`${flag} needs ${needed}`);
  const staged: Staged[] = [];

  if (flags.has('--scale') || flags.has('--ratio')) {
    const [least = 0.08, most = 1] = values('--scale') ?? [];
    const [narrow = 3 / 4, wide = 4 / 3] = values('--ratio') ?? [];
    const interpolation = word('--train-interpolation', 'bilinear');
    if (interpolation !== 'bilinear' && interpolation !== 'bicubic')
      refuse(`--train-interpolation must be bilinear or bicubic, not "${interpolation}"`);
    staged.push({
      stage: 'crop',
      op: {
        op: 'resizedCrop',
        scale: [least, most],
        ratio: [narrow, wide],
        interpolation: interpolation as 'bilinear',
      },
    });
  }
  if (flags.has('--hflip')) staged.push({ stage: 'flip', op: { op: 'flip', p: one('--hflip', 0.5) } });
  if (flags.has('--vflip')) staged.push({ stage: 'flip', op: { op: 'flipVertical', p: one('--vflip', 0) } });
  without('--color-jitter-prob', '--color-jitter');
  const jitter = values('--color-jitter');
  if (jitter !== undefined) {
    if (jitter.length === 2) refuse('--color-jitter needs one factor, three, or four');
    const [brightness = 0, contrast = brightness, saturation = brightness, hue = 0] = jitter;
    const p = one('--color-jitter-prob', 1);
    staged.push({ stage: 'jitter', op: { op: 'colorJitter', brightness, contrast, saturation, hue, p } });
  }
  if (flags.has('--grayscale-prob'))
    staged.push({ stage: 'grayscale', op: { op: 'grayscale', p: one('--grayscale-prob', 0) } });
  if (flags.has('--gaussian-blur-prob'))
    staged.push({ stage: 'blur', op: { op: 'blur', kernel: 23, p: one('--gaussian-blur-prob', 0) } });
  without('--remode', '--reprob');
  without('--recount', '--reprob');
  if (flags.has('--reprob')) {
    const mode = word('--remode', 'pixel'); // train.py's default
    const fill = ERASE_FILLS[mode] ?? refuse(`--remode must be const, rand or pixel, not "${mode}"`);
    const count = one('--recount', 1);
    staged.push({ stage: 'erase', op: { op: 'erase', p: one('--reprob', 0), fill, count: [count, count] } });
  }
  staged.push(...mixes(one('--mixup', 0), one('--cutmix', 0), one('--mixup-prob', 1), one('--mixup-switch-prob', 0.5)));
  return staged;
}

/** With both, a batch is mixed by CutMix with the switch probability. An alpha of 0 disables an operation. */
function mixes(mixup: number, cutmix: number, p: number, switched: number): Staged[] {
  const share = mixup > 0 && cutmix > 0 ? switched : cutmix > 0 ? 1 : 0;
  return [
    ...(mixup > 0 ? [{ stage: 'mix', op: { op: 'mixup', alpha: mixup, p: p * (1 - share) } } as const] : []),
    ...(cutmix > 0 ? [{ stage: 'mix', op: { op: 'cutmix', alpha: cutmix, p: p * share } } as const] : []),
  ];
}

function stagesOf(text: string): Staged[] {
  const tokens = text.trim().split(/[\s=]+/);
  if (tokens[0] === '') return refuse(`is empty: ${ALLOWED}`);
  const staged: Staged[] = [];
  const flags = new Map<string, string[]>();
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at++]!;
    if (!token.startsWith('--')) {
      staged.push(...words(token));
      continue;
    }
    const [fewest, most] = FLAGS[token] ?? refuse(`unknown flag ${token}: use one of ${Object.keys(FLAGS).join(', ')}`);
    const values: string[] = [];
    while (
      at < tokens.length &&
      values.length < most &&
      !tokens[at]!.startsWith('--') &&
      (token === '--aa' ||
        token.startsWith('--re') ||
        token === '--train-interpolation' ||
        Number.isFinite(Number(tokens[at])))
    )
      values.push(tokens[at++]!);
    if (values.length < fewest) refuse(`${token} needs ${fewest === 1 ? 'a value' : `${fewest} values`}`);
    if (flags.has(token)) refuse(`duplicate flag ${token}`);
    flags.set(token, values);
    if (token === '--aa') staged.push(...words(values[0]!));
  }
  return [...staged, ...flagged(flags)];
}

/** The operations of a text, in the order of application; or a complaint about the text. */
export function readAugmentText(text: string): { ops: AugmentOp[] } | { complaint: string } {
  try {
    const rank = ({ stage }: Staged): number => STAGES.indexOf(stage);
    const staged = stagesOf(text).sort((a, b) => rank(a) - rank(b));
    return { ops: staged.map(({ op }) => parsed(op)) };
  } catch (error) {
    if (error instanceof AugmentTextError) return { complaint: error.message };
    throw error;
  }
}

function parsed(op: Written): AugmentOp {
  const result = AugmentOp.safeParse(op);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return refuse(`${op.op}: ${issue?.path.join('.')} ${issue?.message}`);
}
