/** The local model commands: only `--run` needs the API, and they write only what `--output` names. Each loads TensorFlow only when it runs. */
import { UserError } from '@ablate/contracts/user-error';
import { type Command, Option } from 'commander';
import { type Context, examples, type Register } from '../command.ts';
import { DEFAULT_BATCH, PREPARATIONS } from './choices.ts';

/** Errors of the file system that are reported by their message, without a stack. */
const PATH_ERRORS = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ENOSPC', 'EROFS']);

async function withPathErrors(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && PATH_ERRORS.has(error.code))
      throw new UserError(error.message, 'usage');
    throw error;
  }
}

/** The action of a command that takes `--run`. `load` imports its module, and TensorFlow with it. */
const onWeights =
  (context: Context, load: () => Promise<(options: unknown, context: Context) => Promise<void>>) =>
  (options: unknown): Promise<void> =>
    withPathErrors(async () => {
      const { withRunWeights } = await import('./run-weights.ts');
      await withRunWeights(options, context, async (given) => (await load())(given, context));
    });

const VOCABULARY = 'CLIP: the file bpe_simple_vocab_16e6.txt, gzipped or not';

const withModel = (command: Command): Command =>
  command.option('--model <file>', 'JSON file with the `model` part of a spec, or name of a preset');

const withNames = (command: Command): Command =>
  command
    .option('--sha256 <hash>', 'SHA-256 of the weights; required for a URL')
    .option('--names <naming>', 'naming of the weights: timm, torchvision, … (default: detected)')
    .option('--interpolate-positions', 'interpolate the positions of a ViT that was trained on another image size');

const withWeights = (command: Command): Command =>
  withNames(
    withModel(command)
      .option('--run <id>', 'the best checkpoint of a run, with its model and its preprocessing')
      .option(
        '--weights <file|url>',
        'safetensors of torchvision, timm, DINO, CrossViT or CLIP, or a checkpoint of a run',
      ),
  ).option('--seed <number>', 'seed of the initial values, instead of --run or --weights');

const withImages = (command: Command): Command =>
  withWeights(command)
    .requiredOption(
      '--input <path>',
      'a picture, a folder of pictures, or safetensors with normalised `images` (N, H, W, 3)',
    )
    .addOption(
      new Option(
        '--preprocess <kind>',
        'how pictures are resized, cropped and normalised; run (default for weights of a run): as the run did',
      ).choices([...PREPARATIONS]),
    )
    .option('--batch <images>', `number of images in one forward pass (default: ${DEFAULT_BATCH})`);

const forward: Register = (program, context) => {
  withImages(program.command('forward'))
    .description('Run a network on images and write its output.')
    .requiredOption('--output <file>', 'safetensors file to write: `logits`, and the values selected below')
    .option(
      '--attention',
      'write `attention.<layer>` (N, heads, T, T); of CrossViT `attention.<branch>.<stage>.<layer>`',
    )
    .option('--features', 'write the pooled `features`')
    .option('--texts <file>', 'CLIP: texts, one per line, for `text_features` and `logits` (N, texts)')
    .option('--vocabulary <file>', VOCABULARY)
    .addHelpText(
      'after',
      examples(
        'forward --model resnet18 --weights w.safetensors --input photos --preprocess imagenet --output out.safetensors',
      ),
    )
    .action(onWeights(context, async () => (await import('./forward.ts')).runForward));
};

const init: Register = (program, context) => {
  withModel(program.command('init'))
    .description('Write the initial weights of a model.')
    .requiredOption('--output <file>', 'safetensors file to write')
    .option('--seed <number>', 'seed of the initial values', '1')
    .option('--names <naming>', 'naming to write: timm, torchvision, crossvit, openai, … (default: that of the family)')
    .addHelpText('after', examples('init --model resnet18 --seed 1 --output w.safetensors'))
    .action((options) => withPathErrors(async () => (await import('./init.ts')).runInit(options, context)));
};

const convert: Register = (program, context) => {
  withNames(
    withModel(program.command('convert'))
      .description('Rename weights, or a checkpoint of a run, to the names of another implementation.')
      .option('--run <id>', 'the best checkpoint of a run')
      .option('--weights <file|url>', 'safetensors to read')
      .requiredOption('--to <naming>', 'naming to write: timm, torchvision, crossvit, openai, …')
      .requiredOption('--output <file>', 'safetensors file to write'),
  )
    .addHelpText(
      'after',
      examples('convert --run 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --to timm --output timm.safetensors'),
    )
    .action(onWeights(context, async () => (await import('./convert.ts')).runConvert));
};

const flops: Register = (program, context) => {
  withModel(program.command('flops'))
    .description('Count parameters, multiply-accumulates and activation memory per image.')
    .option('--layers', 'print a row for each layer')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('flops --model resnet18 --layers'))
    .action((options) => withPathErrors(async () => (await import('./flops.ts')).runFlops(options, context)));
};

const attention: Register = (program, context) => {
  withImages(program.command('attention'))
    .description('Paint attention maps: a row of heads for each picture. Signed maps have two colours.')
    .requiredOption('--output <folder>', 'folder of the PNG files, one per image and layer')
    .option('--layer <name>', 'last, all, or the name of a layer, as in `forward`: 3, small.0.0, large.2.cross', 'last')
    .option(
      '--mass <share>',
      'highlight only the patches that hold this share of the attention of each head, as DINO does',
    )
    .addHelpText(
      'after',
      examples(
        'attention --run 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --input cat.jpg --output maps',
        'attention --model dino_vits16 --weights w.safetensors --input cat.jpg --preprocess imagenet --output maps',
      ),
    )
    .action(onWeights(context, async () => (await import('./attention.ts')).runAttention));
};

const rollout: Register = (program, context) => {
  withImages(program.command('rollout'))
    .description('Compute attention rollout of a ViT: the attention of the output to the patches through all layers.')
    .requiredOption('--output <folder>', 'folder of the PNG files and of rollout.safetensors')
    .addOption(new Option('--fusion <how>', 'how heads are combined').choices(['mean', 'max', 'min']).default('mean'))
    .option('--discard <share>', 'share of the lowest entries of each layer to discard', '0')
    .addHelpText(
      'after',
      examples(
        'rollout --model dino_vits16 --weights w.safetensors --input cat.jpg --preprocess imagenet --output maps',
      ),
    )
    .action(onWeights(context, async () => (await import('./rollout.ts')).runRollout));
};

const positions: Register = (program, context) => {
  withWeights(program.command('positions'))
    .description('Paint the similarity of the positional embeddings of a ViT.')
    .requiredOption('--output <file>', 'PNG file to write')
    .addOption(new Option('--measure <name>', 'similarity measure').choices(['cosine', 'dot']).default('cosine'))
    .addHelpText('after', examples('positions --run 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --output positions.png'))
    .action(onWeights(context, async () => (await import('./positions.ts')).runPositions));
};

const classify: Register = (program, context) => {
  withImages(program.command('classify'))
    .description(
      'Measure top-1 and top-5 accuracy by class. The input is a folder with a folder of pictures for each class. With --run, the figure of its test set is the run’s own.',
    )
    .option(
      '--classes <file>',
      'classes in the order of the outputs, one per line: `name`, or `folder<TAB>name`; default: those of the run, else the folders by name',
    )
    .option('--vocabulary <file>', VOCABULARY)
    .addOption(
      new Option('--prompts <set>', 'CLIP: number of prompts per class')
        .choices(['one', 'seven', 'eighty'])
        .default('seven'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'classify --run 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --input cats-and-dogs/test',
        'classify --model resnet18 --weights w.safetensors --input val --preprocess imagenet --classes classes.txt',
      ),
    )
    .action(onWeights(context, async () => (await import('./classify.ts')).runClassify));
};

const precision: Register = (program, context) => {
  withImages(program.command('precision'))
    .description('Compare bf16 with float32 on the first batch: time, memory, difference of the outputs.')
    .option('--runs <number>', 'number of measured runs', '100')
    .option('--warmup <number>', 'number of runs before the measured ones', '10')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('precision --model resnet18 --seed 1 --input photos --preprocess imagenet'))
    .action(onWeights(context, async () => (await import('./precision.ts')).runPrecision));
};

const symmetry: Register = (program, context) => {
  withWeights(program.command('symmetry'))
    .description(
      'Measure how shifts and permutations of patches change the output of layers and example networks, or of a model.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('symmetry', 'symmetry --model resnet20'))
    .action(onWeights(context, async () => (await import('./symmetry.ts')).runSymmetry));
};

const parity: Register = (program, context) => {
  program
    .command('parity')
    .description('Compare full-size networks with torchvision, timm and open_clip, with the same weights and images.')
    .argument('[models...]', 'models to compare (default: all)')
    .option(
      '--python <path>',
      'Python with torch, torchvision, timm, open_clip_torch and safetensors (default: PARITY_PYTHON)',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('parity resnet18 clip_rn50'))
    .action((models, options) =>
      withPathErrors(async () => (await import('./parity.ts')).runParity(models, options, context)),
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
