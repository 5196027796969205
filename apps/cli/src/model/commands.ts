/** The local model commands: no service runs, nothing is written but what `--output` names. Each loads TensorFlow only when it is called. */
import { type Command, Option } from 'commander';
import type { Register } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';

/** What the file system answers to a wrong path is a sentence, not a stack. */
const PATH_ERRORS = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ENOSPC', 'EROFS']);

async function speaking(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && PATH_ERRORS.has(error.code))
      throw new Failure(error.message, EXIT.usage);
    throw error;
  }
}

const withModel = (command: Command): Command =>
  command.option('--model <file>', 'the `model` part of a spec as JSON, or the name of a preset');

const withWeights = (command: Command): Command =>
  withModel(command)
    .option('--weights <file|url>', 'safetensors: of torchvision, timm, DINO, CrossViT, CLIP, or a checkpoint of a run')
    .option('--sha256 <hash>', 'what the file behind a URL must hash to')
    .option('--names <naming>', 'whose names the weights have; recognised where absent')
    .option('--interpolate-positions', 'fit the positions of a ViT that was trained on another image size')
    .option('--seed <number>', 'without weights: initial values of this seed');

const withImages = (command: Command): Command =>
  withWeights(command)
    .requiredOption(
      '--input <path>',
      'safetensors with `images` (N, H, W, 3), normalised; or a picture or a folder of them',
    )
    .addOption(
      new Option('--preprocess <kind>', 'how pictures are resized, cropped and normalised').choices([
        'imagenet',
        'clip',
        'cifar10',
      ]),
    )
    .option('--batch <images>', 'images in one forward pass', '16');

export const forward: Register = (program, context) => {
  withImages(program.command('forward'))
    .description('Run a network over images and write what it answers.')
    .requiredOption('--output <file>', 'safetensors: `logits`, and what else is asked for')
    .option(
      '--attention',
      'also `attention.<layer>` (N, heads, T, T); of CrossViT `attention.<branch>.<stage>.<layer>`',
    )
    .option('--features', 'also the pooled `features`')
    .option('--texts <file>', 'CLIP: texts, one a line, for `text_features` and `logits` (N, texts)')
    .option('--vocabulary <file>', 'CLIP: bpe_simple_vocab_16e6.txt, zipped or not')
    .action((options) => speaking(async () => (await import('./forward.ts')).runForward(options, context)));
};

export const init: Register = (program, context) => {
  withModel(program.command('init'))
    .description('Write the initial weights of a model.')
    .requiredOption('--output <file>', 'safetensors')
    .option('--seed <number>', 'seed of the initial values', '1')
    .option('--names <naming>', 'whose names to write: timm, torchvision, crossvit, openai, …')
    .action((options) => speaking(async () => (await import('./init.ts')).runInit(options, context)));
};

export const convert: Register = (program, context) => {
  withModel(program.command('convert'))
    .description('Write weights, or a checkpoint of a run, by the names of another implementation.')
    .requiredOption('--weights <file|url>', 'safetensors')
    .requiredOption('--to <naming>', 'whose names to write: timm, torchvision, crossvit, openai, …')
    .requiredOption('--output <file>', 'safetensors')
    .option('--names <naming>', 'whose names the weights have; recognised where absent')
    .option('--sha256 <hash>', 'what the file behind a URL must hash to')
    .option('--interpolate-positions', 'fit the positions of a ViT that was trained on another image size')
    .action((options) => speaking(async () => (await import('./convert.ts')).runConvert(options, context)));
};

export const flops: Register = (program, context) => {
  withModel(program.command('flops'))
    .description('Parameters, multiply-accumulates and activation memory of one image.')
    .option('--layers', 'a row for each layer')
    .option('--json', 'as JSON')
    .action((options) => speaking(async () => (await import('./flops.ts')).runFlops(options, context)));
};

export const attention: Register = (program, context) => {
  withImages(program.command('attention'))
    .description('Paint what a network looks at: a row of heads over each picture, signed maps in two colours.')
    .requiredOption('--output <folder>', 'PNG files, one an image and layer')
    .option('--layer <which>', 'last, all, or a name as in `forward`: 3, small.0.0, large.2.cross', 'last')
    .option('--mass <share>', 'DINO: light up only the patches that hold this share of each head')
    .action((options) => speaking(async () => (await import('./attention.ts')).runAttention(options, context)));
};

export const rollout: Register = (program, context) => {
  withImages(program.command('rollout'))
    .description('Follow attention through all layers to the patches.')
    .requiredOption('--output <folder>', 'PNG files, and rollout.safetensors')
    .addOption(new Option('--fusion <how>', 'how heads become one').choices(['mean', 'max', 'min']).default('mean'))
    .option('--discard <share>', 'share of each layer’s lowest entries to leave out', '0')
    .action((options) => speaking(async () => (await import('./rollout.ts')).runRollout(options, context)));
};

export const positions: Register = (program, context) => {
  withWeights(program.command('positions'))
    .description('Paint how alike the positional embeddings of a ViT are.')
    .requiredOption('--output <file>', 'PNG')
    .addOption(new Option('--measure <which>', 'similarity').choices(['cosine', 'dot']).default('cosine'))
    .action((options) => speaking(async () => (await import('./positions.ts')).runPositions(options, context)));
};

export const classify: Register = (program, context) => {
  withImages(program.command('classify'))
    .description('Top-1 and top-5 of each class; the input is a folder of class folders.')
    .option('--classes <file>', 'a class a line in the order of the outputs: `name`, or `folder<TAB>name`')
    .option('--vocabulary <file>', 'CLIP: bpe_simple_vocab_16e6.txt, zipped or not')
    .addOption(
      new Option('--prompts <set>', 'CLIP: how many prompts a class')
        .choices(['one', 'seven', 'eighty'])
        .default('seven'),
    )
    .option('--json', 'as JSON')
    .action((options) => speaking(async () => (await import('./classify.ts')).runClassify(options, context)));
};

export const precision: Register = (program, context) => {
  withImages(program.command('precision'))
    .description('float32 against reduced precision on the first batch: time, memory, difference.')
    .option('--runs <number>', 'runs that count', '100')
    .option('--warmup <number>', 'runs before', '10')
    .option('--json', 'as JSON')
    .action((options) => speaking(async () => (await import('./precision.ts')).runPrecision(options, context)));
};

export const symmetry: Register = (program, context) => {
  withWeights(program.command('symmetry'))
    .description(
      'Measure what shifts and permutations of patches change, for layers, and for a model where one is given',
    )
    .option('--json', 'as JSON')
    .action((options) => speaking(async () => (await import('./symmetry.ts')).runSymmetry(options, context)));
};

export const parity: Register = (program, context) => {
  program
    .command('parity')
    .description('Compare full-size networks with torchvision, timm and open_clip, with the same weights and images.')
    .argument('[models...]', 'which; all where none is named')
    .option(
      '--python <path>',
      'a Python with torch, torchvision, timm, open_clip_torch and safetensors; PARITY_PYTHON where absent',
    )
    .option('--json', 'as JSON')
    .action((models, options) =>
      speaking(async () => (await import('./parity.ts')).runParity(models, options, context)),
    );
};

/** In the order of `ablate --help`. */
export const modelCommands: Register[] = [
  forward,
  init,
  convert,
  flops,
  attention,
  rollout,
  positions,
  classify,
  precision,
  symmetry,
  parity,
];
