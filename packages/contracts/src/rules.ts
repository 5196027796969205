/** Rules that relate several fields of a config, checked before training. Each row has its own message. */
import { augmentOps, mixOps } from './augment.ts';
import type { Complaint } from './complaint.ts';
import type { Config } from './config.ts';
import { datasetFacts } from './dataset.ts';
import type { ClipModel, CrossvitModel, Model, ResnetModel, VitModel } from './model.ts';

type Check<T> = (value: T) => Complaint | undefined;

const complain = (broken: boolean, path: string, message: string): Complaint | undefined =>
  broken ? { path: path.split('.'), message } : undefined;

const MAX_TOKENS = 16_384;

const headsDivide = (path: string, width: number, heads: number): Complaint | undefined =>
  complain(width % heads !== 0, `${path}.heads`, `heads ${heads} must divide width ${width}`);

const vit: Check<VitModel>[] = [
  (m) =>
    complain(
      m.imageSize % m.patchSize !== 0,
      'model.patchSize',
      `patch size ${m.patchSize} must divide image size ${m.imageSize}`,
    ),
  (m) => headsDivide('model', m.width, m.heads),
  (m) =>
    complain(
      m.attention === 'differential' && m.width % (2 * m.heads) !== 0,
      'model.heads',
      `differential attention splits each head in two: 2 × heads ${m.heads} must divide width ${m.width}`,
    ),
  (m) =>
    complain(
      (m.positional === 'learned2d' || m.positional === 'sinusoidal1d') && m.width % 2 !== 0,
      'model.positional',
      `${m.positional} needs an even width, not ${m.width}`,
    ),
  (m) =>
    complain(
      m.positional === 'sinusoidal2d' && m.width % 4 !== 0,
      'model.positional',
      `sinusoidal2d needs a width divisible by 4, not ${m.width}`,
    ),
  (m) =>
    complain(
      !Number.isInteger(m.width * m.mlpRatio),
      'model.mlpRatio',
      `width ${m.width} × mlpRatio ${m.mlpRatio} must be a whole number`,
    ),
  (m) =>
    complain(
      (m.imageSize / m.patchSize) ** 2 > MAX_TOKENS,
      'model.patchSize',
      `patch size ${m.patchSize} cuts image size ${m.imageSize} into more than 16,384 tokens`,
    ),
];

const resnet: Check<ResnetModel>[] = [
  (m) =>
    complain(
      m.depths.length !== m.widths.length,
      'model.widths',
      `depths and widths must be of equal length, not ${m.depths.length} and ${m.widths.length}`,
    ),
  (m) =>
    complain(
      m.block === 'bottleneck' && m.ordering !== 'v1',
      'model.ordering',
      `ordering ${m.ordering} needs the basic block; a bottleneck needs v1`,
    ),
  (m) =>
    complain(
      m.block === 'bottleneck' && m.shortcut === 'pad',
      'model.shortcut',
      'a bottleneck needs the projection shortcut',
    ),
  (m) =>
    complain(
      m.shortcut === 'pad' && m.widths.some((width, stage) => width < (m.widths[stage - 1] ?? 0)),
      'model.shortcut',
      `the pad shortcut cannot reduce channels, but widths ${m.widths.join(', ')} decrease: use the projection shortcut`,
    ),
  (m) => {
    const stride = (m.stem === 'imagenet' ? 4 : 1) * 2 ** (m.depths.length - 1);
    return complain(
      m.imageSize < stride,
      'model.imageSize',
      `image size ${m.imageSize} is smaller than the network's total stride ${stride}`,
    );
  },
];

const crossvit: Check<CrossvitModel>[] = (['small', 'large'] as const).flatMap((name): Check<CrossvitModel>[] => [
  (m) => {
    const side = m[name].imageSize ?? m.imageSize;
    return complain(
      side % m[name].patchSize !== 0,
      `model.${name}.patchSize`,
      `patch size ${m[name].patchSize} of the ${name} branch must divide its image size ${side}`,
    );
  },
  (m) => headsDivide(`model.${name}`, m[name].width, m[name].heads),
  (m) => {
    const side = m[name].imageSize ?? m.imageSize;
    return complain(
      (side / m[name].patchSize) ** 2 > MAX_TOKENS,
      `model.${name}.patchSize`,
      `patch size ${m[name].patchSize} cuts image size ${side} into more than 16,384 tokens`,
    );
  },
  (m) =>
    complain(
      !Number.isInteger(m[name].width * m.mlpRatio),
      'model.mlpRatio',
      `width ${m[name].width} × mlpRatio ${m.mlpRatio} must be a whole number`,
    ),
  (m) =>
    complain(
      m.stem === 'convolution' && m[name].patchSize !== 12 && m[name].patchSize !== 16,
      `model.${name}.patchSize`,
      `a convolution stem supports patch sizes 12 and 16, not ${m[name].patchSize}: use the linear stem`,
    ),
  (m) =>
    complain(
      m.stem === 'convolution' && m[name].width % 4 !== 0,
      `model.${name}.width`,
      `a convolution stem needs a width divisible by 4, not ${m[name].width}`,
    ),
]);

const clip: Check<ClipModel>[] = [
  (m) =>
    complain(
      m.imageSize % 32 !== 0,
      'model.imageSize',
      `image size ${m.imageSize} must be a multiple of the image side's total stride 32`,
    ),
  (m) => complain(m.vision.width % 2 !== 0, 'model.vision.width', `width ${m.vision.width} must be even`),
  (m) => headsDivide('model.vision', 32 * m.vision.width, m.vision.heads),
  (m) => headsDivide('model.text', m.text.width, m.text.heads),
];

/** The broken rules of a model, in order. Paths start at `model`. */
export function modelComplaints(model: Model): Complaint[] {
  const found = {
    vit: () => vit.map((check) => model.family === 'vit' && check(model)),
    resnet: () => resnet.map((check) => model.family === 'resnet' && check(model)),
    crossvit: () => crossvit.map((check) => model.family === 'crossvit' && check(model)),
    clip: () => clip.map((check) => model.family === 'clip' && check(model)),
  }[model.family]();
  return found.filter((c): c is Complaint => Boolean(c));
}

/** Side of the last feature map of a ResNet: each stride of 2 halves it, rounded up. Every stage ends with a batch norm. */
const lastMapSide = ({ imageSize, stem, depths }: ResnetModel): number =>
  Math.ceil(imageSize / ((stem === 'imagenet' ? 4 : 1) * 2 ** (depths.length - 1)));

/** Images left for training when `samples` are split. At least one is always held out. */
export const trainingImages = (samples: number, validation: number): number =>
  samples - Math.max(1, Math.round(samples * validation));

const whole: Check<Config>[] = [
  ({ model }) =>
    complain(
      model.family === 'clip',
      'model.family',
      'clip supports forward passes and zero-shot tables only; a sweep cannot train it',
    ),
  ({ dataset }) => {
    const { trainImages } = datasetFacts(dataset);
    return complain(
      trainImages !== undefined && (dataset.samples ?? 0) > trainImages,
      'dataset.samples',
      `samples ${dataset.samples} is more than the ${trainImages} training images of ${dataset.name}`,
    );
  },
  ({ dataset, train }) => {
    const samples = dataset.samples ?? datasetFacts(dataset).trainImages;
    const left = samples === undefined ? undefined : trainingImages(samples, dataset.validation);
    return complain(
      left !== undefined && train.batchSize > left,
      'train.batchSize',
      `batch size ${train.batchSize} is more than the ${left} images left for training`,
    );
  },
  ({ model, train }) =>
    complain(
      model.family === 'resnet' && train.batchSize === 1 && lastMapSide(model) === 1,
      'train.batchSize',
      'batch norm needs more than one value per channel, but the last feature map is 1×1: use a batch size of at least 2, or larger images',
    ),
  ({ dataset, model }) => {
    const { classes } = datasetFacts(dataset);
    return complain(
      classes !== undefined && model.family !== 'clip' && model.classes !== classes,
      'model.classes',
      `${dataset.name} has ${classes} classes, not ${'classes' in model ? model.classes : '?'}`,
    );
  },
  ({ dataset, model }) => {
    const { imageSize } = datasetFacts(dataset);
    return complain(
      imageSize !== undefined && model.imageSize !== imageSize,
      'model.imageSize',
      `${dataset.name} has images of ${imageSize} pixels a side, not ${model.imageSize}`,
    );
  },
  ({ train }) =>
    complain(
      train.schedule.warmupEpochs >= train.epochs && train.schedule.warmupEpochs > 0,
      'train.schedule.warmupEpochs',
      `warmupEpochs ${train.schedule.warmupEpochs} must be less than epochs ${train.epochs}`,
    ),
  ({ train }) =>
    complain(
      train.optimizer.name === 'sgd' && train.optimizer.nesterov && train.optimizer.momentum === 0,
      'train.optimizer.nesterov',
      'nesterov needs a momentum above 0',
    ),
  ({ model, augment }) =>
    complain(
      augmentOps(augment).some((op) => op.op === 'crop' && op.padding >= model.imageSize),
      'augment',
      `crop padding must be smaller than image size ${model.imageSize}`,
    ),
  ({ augment }) => {
    const strong = augmentOps(augment).find((op) => op.op === 'randaugment' && op.magnitude >= op.levels);
    return complain(
      strong !== undefined,
      'augment',
      'randaugment: magnitude must be less than levels: 31 levels have magnitudes 0 to 30',
    );
  },
  ({ augment }) => {
    const share = mixOps(augmentOps(augment)).reduce((sum, { p }) => sum + p, 0);
    return complain(
      share > 1 + 1e-9,
      'augment',
      `the p of mixup and cutmix sum to ${share}, but must sum to at most 1: a batch is mixed by one of them`,
    );
  },
];

/** The broken rules of a config. Paths start at the config's root. */
export const configComplaints = (config: Config): Complaint[] => [
  ...modelComplaints(config.model),
  ...whole.map((check) => check(config)).filter((c): c is Complaint => c !== undefined),
];
