/** Names of other implementations' weights: one table each, one rule a row, read in both directions. Our names are timm's, torchvision's and OpenAI's. */
import type { Family } from '@ablate/contracts';

/** `ours` and `theirs` are names in which `*` stands for one component, the same in both; several of theirs are stacked along their first axis. */
type Rule = { ours: string; theirs: string | string[] };

export type Naming = {
  family: Family;
  /** Whether a file's names are of this kind; the first match of a family applies. */
  is: (names: readonly string[]) => boolean;
  rules: Rule[];
  /** Tensors that are not part of the model, with the reason. */
  ignored: { pattern: RegExp; why: string }[];
  /** Prefixes that wrappers add to every name. */
  prefixes: RegExp[];
  /** Our parameters that such a file may lack: they keep their values. */
  optional?: RegExp;
  /** Our parameters that such a file never has, because they are zero there. */
  zero?: RegExp;
  /** Set if the rules cover every tensor of the other implementation. */
  complete?: true;
  /** Layout of matrices and kernels; PyTorch's if absent. */
  layout?: 'tensorflow';
};

const any = (pattern: RegExp) => (names: readonly string[]) => names.some((name) => pattern.test(name));
const wrapped = [/^module\./, /^_orig_mod\./];
const counters = { pattern: /(^|\.)num_batches_tracked$/, why: 'counts batches; momentum is constant here' };

/** torchvision.models.VisionTransformer. */
const torchvisionVit: Rule[] = [
  { ours: 'cls_token', theirs: 'class_token' },
  { ours: 'pos_embed', theirs: 'encoder.pos_embedding' },
  { ours: 'patch_embed.proj.*', theirs: 'conv_proj.*' },
  { ours: 'blocks.*.norm1.*', theirs: 'encoder.layers.encoder_layer_*.ln_1.*' },
  { ours: 'blocks.*.attn.qkv.*', theirs: 'encoder.layers.encoder_layer_*.self_attention.in_proj_*' },
  { ours: 'blocks.*.attn.proj.*', theirs: 'encoder.layers.encoder_layer_*.self_attention.out_proj.*' },
  { ours: 'blocks.*.norm2.*', theirs: 'encoder.layers.encoder_layer_*.ln_2.*' },
  { ours: 'blocks.*.mlp.fc1.*', theirs: 'encoder.layers.encoder_layer_*.mlp.0.*' },
  { ours: 'blocks.*.mlp.fc2.*', theirs: 'encoder.layers.encoder_layer_*.mlp.3.*' },
  // Files from before torchvision 0.14; read, never written, since the rows above come first.
  { ours: 'blocks.*.mlp.fc1.*', theirs: 'encoder.layers.encoder_layer_*.mlp.linear_1.*' },
  { ours: 'blocks.*.mlp.fc2.*', theirs: 'encoder.layers.encoder_layer_*.mlp.linear_2.*' },
  { ours: 'norm.*', theirs: 'encoder.ln.*' },
  { ours: 'head.*', theirs: 'heads.head.*' },
];

/** unilm's MultiheadDiffAttn instead of timm's attention. */
const unilmAttention: Rule[] = [
  {
    ours: 'blocks.*.attn.qkv.*',
    theirs: ['blocks.*.attn.q_proj.*', 'blocks.*.attn.k_proj.*', 'blocks.*.attn.v_proj.*'],
  },
  { ours: 'blocks.*.attn.proj.*', theirs: 'blocks.*.attn.out_proj.*' },
  { ours: 'blocks.*.attn.sub_norm.weight', theirs: 'blocks.*.attn.subln.weight' },
];

/** A checkpoint of a run: our names and layouts, with the optimiser's state. */
const checkpoint = (family: Family): Naming => ({
  family,
  is: () => false,
  rules: [],
  ignored: [{ pattern: /^optimizer\./, why: 'optimiser state' }],
  prefixes: [],
  layout: 'tensorflow',
});

/** Rows of a family are tried in this order; the last matches everything. */
export const NAMINGS = {
  torchvision_vit: {
    family: 'vit',
    is: any(/^encoder\.layers\.encoder_layer_/),
    rules: torchvisionVit,
    ignored: [],
    prefixes: wrapped,
    complete: true,
  },
  unilm: {
    family: 'vit',
    is: any(/\.attn\.q_proj\.weight$/),
    rules: unilmAttention,
    ignored: [],
    prefixes: wrapped,
    zero: /\.attn\.proj\.bias$/,
  },
  dino: {
    family: 'vit',
    is: (names) => any(/(^|\.)backbone\./)(names) || !any(/^head\.(weight|bias)$/)(names),
    rules: [],
    ignored: [
      { pattern: /^student\./, why: 'the student; the teacher is taken' },
      { pattern: /(^|\.)head\.(mlp|last_layer)\./, why: 'the projection head of self-supervised training' },
    ],
    prefixes: [/^teacher\./, /^module\./, /^backbone\./],
    optional: /^head\./,
  },
  checkpoint_vit: checkpoint('vit'),
  timm_vit: { family: 'vit', is: () => true, rules: [], ignored: [], prefixes: wrapped },
  checkpoint_resnet: checkpoint('resnet'),
  torchvision: { family: 'resnet', is: () => true, rules: [], ignored: [counters], prefixes: wrapped },
  crossvit: {
    family: 'crossvit',
    is: any(/^(module\.)?(pos_embed|cls_token)\.\d/),
    rules: [
      { ours: 'pos_embed_0', theirs: 'pos_embed.0' },
      { ours: 'pos_embed_1', theirs: 'pos_embed.1' },
      { ours: 'cls_token_0', theirs: 'cls_token.0' },
      { ours: 'cls_token_1', theirs: 'cls_token.1' },
    ],
    ignored: [],
    prefixes: wrapped,
  },
  checkpoint_crossvit: checkpoint('crossvit'),
  timm_crossvit: { family: 'crossvit', is: () => true, rules: [], ignored: [], prefixes: wrapped },
  openai: {
    family: 'clip',
    is: () => true,
    rules: [],
    ignored: [
      counters,
      { pattern: /^(input_resolution|context_length|vocab_size)$/, why: 'a size from the config' },
      { pattern: /^attn_mask$/, why: 'the causal mask' },
    ],
    prefixes: wrapped,
  },
} as const satisfies Record<string, Naming>;

export type NamingName = keyof typeof NAMINGS;

/** Values of `--names`, and the row that each selects by family. */
export const PUBLIC_NAMES: Record<string, Partial<Record<Family, NamingName>>> = {
  timm: { vit: 'timm_vit', resnet: 'torchvision', crossvit: 'timm_crossvit' },
  torchvision: { vit: 'torchvision_vit', resnet: 'torchvision' },
  dino: { vit: 'dino' },
  unilm: { vit: 'unilm' },
  crossvit: { crossvit: 'crossvit' },
  openai: { clip: 'openai' },
  open_clip: { clip: 'openai' },
  checkpoint: { vit: 'checkpoint_vit', resnet: 'checkpoint_resnet', crossvit: 'checkpoint_crossvit' },
};

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Rewrite a name that matches `pattern` into `target`; undefined if it does not match. */
export function rename(name: string, pattern: string, target: string): string | undefined {
  const match = new RegExp(`^${pattern.split('*').map(literal).join('([^.]+)')}$`).exec(name);
  if (!match) return undefined;
  let star = 0;
  return target.replace(/\*/g, () => match[++star] ?? '');
}
