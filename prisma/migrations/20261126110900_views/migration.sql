-- The views of SQL as a public interface, with a comment on each view and column.
-- One row per config of a sweep.
CREATE OR REPLACE VIEW "reporting"."configs" AS
SELECT
  config."id" AS config_id,
  sweep."name" AS sweep,
  config."position",
  config."axes",
  config."augment",
  config."parameters",
  config."macs",
  config."config",
  config."hash" AS config_hash,
  config."augment_hash",
  config."sweep_id"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id";

COMMENT ON VIEW "reporting"."configs" IS 'One row per config: one point of a sweep’s space, which its seeds share.';
COMMENT ON COLUMN "reporting"."configs"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."configs"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."configs"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."configs"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."configs"."augment" IS 'Name of the augmentation set, or "custom" and the start of its hash';
COMMENT ON COLUMN "reporting"."configs"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."configs"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."configs"."config" IS 'Every hyperparameter as one JSON object';
COMMENT ON COLUMN "reporting"."configs"."config_hash" IS 'Canonical hash of the config; equal configs of different sweeps have the same';
COMMENT ON COLUMN "reporting"."configs"."augment_hash" IS 'SHA-256 of the operations of the augmentation';
COMMENT ON COLUMN "reporting"."configs"."sweep_id" IS 'Id of the sweep';

-- Generated from packages/contracts by `npm run docs`: edit scripts/docs/runs-view.ts.
CREATE OR REPLACE VIEW "reporting"."runs" AS
SELECT
  run."id" AS "run",
  sweep."name" AS "sweep",
  run."state"::text AS "state",
  run."cause"::text AS "cause",
  run."attempt" AS "attempt",
  run."seed" AS "seed",
  run."val_accuracy" AS "val_accuracy",
  run."train_accuracy" AS "train_accuracy",
  run."test_accuracy" AS "test_accuracy",
  run."val_loss" AS "val_loss",
  run."test_loss" AS "test_loss",
  run."best_epoch" AS "best_epoch",
  run."samples_per_second" AS "samples_per_second",
  (SELECT sum(extract(epoch FROM a."ended_at" - a."started_at"))::double precision FROM "attempt" a WHERE a."run_id" = run."id") AS "seconds",
  c #>> '{model,family}' AS "family",
  c #>> '{model,ordering}' AS "ordering",
  (c #>> '{model,imageSize}')::integer AS "image_size",
  (c #>> '{model,patchSize}')::integer AS "patch_size",
  (c #>> '{model,width}')::integer AS "width",
  (c #>> '{model,depth}')::integer AS "depth",
  (c #>> '{model,heads}')::integer AS "heads",
  (c #>> '{model,mlpRatio}')::double precision AS "mlp_ratio",
  c #>> '{model,attention}' AS "attention",
  c #>> '{model,positional}' AS "positional",
  c #>> '{model,pool}' AS "pool",
  (c #>> '{model,dropout,path}')::double precision AS "drop_path",
  c #>> '{model,block}' AS "block",
  c #> '{model,depths}' AS "depths",
  c #> '{model,widths}' AS "widths",
  c #>> '{model,stem}' AS "stem",
  c #>> '{model,shortcut}' AS "shortcut",
  COALESCE(config."augment", c #>> '{augment}') AS "augment",
  c #>> '{train,optimizer,name}' AS "optimizer",
  (c #>> '{train,optimizer,learningRate}')::double precision AS "learning_rate",
  (c #>> '{train,optimizer,weightDecay}')::double precision AS "weight_decay",
  (c #>> '{train,optimizer,momentum}')::double precision AS "momentum",
  c #>> '{train,schedule,name}' AS "schedule",
  (c #>> '{train,schedule,warmupEpochs}')::double precision AS "warmup_epochs",
  (c #>> '{train,labelSmoothing}')::double precision AS "label_smoothing",
  (c #>> '{train,clipNorm}')::double precision AS "clip_norm",
  (c #>> '{train,ema}')::double precision AS "ema",
  (c #>> '{train,batchSize}')::integer AS "batch_size",
  (c #>> '{train,epochs}')::integer AS "epochs",
  c #>> '{train,precision}' AS "precision",
  c #>> '{dataset,name}' AS "dataset",
  (c #>> '{dataset,samples}')::integer AS "samples",
  (c #>> '{dataset,validation}')::double precision AS "validation",
  (c #>> '{dataset,splitSeed}')::integer AS "split_seed",
  attempt."dataset_hash" AS "dataset_hash",
  attempt."parameters" AS "parameters",
  attempt."total_steps" AS "total_steps",
  attempt."compiled" AS "compiled",
  attempt."resumed_from" AS "resumed_from",
  attempt."notes" AS "notes",
  attempt."worker" AS "worker",
  attempt."environment" ->> 'device' AS "device",
  attempt."environment" ->> 'tensorflow' AS "tensorflow",
  attempt."environment" ->> 'code' AS "code",
  attempt."environment" ->> 'lockfile' AS "lockfile",
  attempt."environment" ->> 'node' AS "node",
  (attempt."environment" ->> 'threads')::integer AS "threads",
  run."message" AS "message",
  run."progress" AS "progress",
  config."axes" AS "axes",
  config."config" AS "config",
  config."hash" AS "config_hash",
  config."position" AS "config_position",
  run."config_id" AS "config_id",
  run."sweep_id" AS "sweep_id",
  run."created_at" AS "created_at",
  run."started_at" AS "started_at",
  run."finished_at" AS "finished_at",
  config."augment_hash" AS "augment_hash",
  (SELECT string_agg(listed.one, ' ') FROM jsonb_array_elements_text(attempt."environment" -> 'instructionSets') AS listed(one)) AS "instruction_sets",
  (attempt."environment" ->> 'oneDnn')::boolean AS "one_dnn",
  (c #>> '{model,classes}')::integer AS "classes",
  (c #>> '{model,qkvBias}')::boolean AS "qkv_bias",
  (c #>> '{model,layerNormEpsilon}')::double precision AS "layer_norm_epsilon",
  (c #>> '{model,layerScale}')::double precision AS "layer_scale",
  (c #>> '{model,dropout,position}')::double precision AS "drop_position",
  (c #>> '{model,dropout,attention}')::double precision AS "drop_attention",
  (c #>> '{model,dropout,projection}')::double precision AS "drop_projection",
  (c #>> '{model,dropout,mlp}')::double precision AS "drop_mlp",
  (c #>> '{model,small,imageSize}')::integer AS "small_image_size",
  (c #>> '{model,small,patchSize}')::integer AS "small_patch_size",
  (c #>> '{model,small,width}')::integer AS "small_width",
  (c #>> '{model,small,depth}')::integer AS "small_depth",
  (c #>> '{model,small,heads}')::integer AS "small_heads",
  (c #>> '{model,large,imageSize}')::integer AS "large_image_size",
  (c #>> '{model,large,patchSize}')::integer AS "large_patch_size",
  (c #>> '{model,large,width}')::integer AS "large_width",
  (c #>> '{model,large,depth}')::integer AS "large_depth",
  (c #>> '{model,large,heads}')::integer AS "large_heads",
  (c #>> '{model,stages}')::integer AS "stages",
  (c #>> '{model,crossDepth}')::integer AS "cross_depth",
  c #>> '{model,fusion}' AS "fusion",
  c #>> '{model,combine}' AS "combine",
  (c #>> '{train,optimizer,beta1}')::double precision AS "beta1",
  (c #>> '{train,optimizer,beta2}')::double precision AS "beta2",
  (c #>> '{train,optimizer,epsilon}')::double precision AS "epsilon",
  (c #>> '{train,optimizer,nesterov}')::boolean AS "nesterov",
  (c #>> '{dataset,imageSize}')::integer AS "dataset_image_size",
  c #> '{dataset,classes}' AS "dataset_classes",
  (c #>> '{dataset,imagesPerClass}')::integer AS "images_per_class",
  (c #>> '{dataset,skipBroken}')::boolean AS "skip_broken",
  c #> '{augment}' AS "augment_ops",
  config."macs" AS "macs",
  run."useful_seconds" AS "useful_seconds",
  run."lost_seconds" AS "lost_seconds",
  run."peak_memory_bytes" AS "peak_memory_bytes",
  run."energy_joules" AS "energy_joules"
FROM "run" run
JOIN "sweep" sweep ON sweep."id" = run."sweep_id"
JOIN "config" config ON config."id" = run."config_id"
CROSS JOIN LATERAL (SELECT config."config") AS whole(c)
LEFT JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt";

COMMENT ON VIEW "reporting"."runs" IS 'One row per run: every hyperparameter, the state, the figures, and what the newest attempt ran on.';
COMMENT ON COLUMN "reporting"."runs"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."runs"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."runs"."state" IS 'queued, running, succeeded, failed, cancelled or pruned';
COMMENT ON COLUMN "reporting"."runs"."cause" IS 'How the last attempt ended; null until the run is finished';
COMMENT ON COLUMN "reporting"."runs"."attempt" IS 'Number of the newest attempt; 0 before the first';
COMMENT ON COLUMN "reporting"."runs"."seed" IS 'Seed of the run';
COMMENT ON COLUMN "reporting"."runs"."val_accuracy" IS 'Validation accuracy of the best epoch, a share from 0 to 1';
COMMENT ON COLUMN "reporting"."runs"."train_accuracy" IS 'Training accuracy of the best epoch, under the test transform';
COMMENT ON COLUMN "reporting"."runs"."test_accuracy" IS 'Test accuracy of the best epoch, measured once';
COMMENT ON COLUMN "reporting"."runs"."val_loss" IS 'Validation cross-entropy of the best epoch';
COMMENT ON COLUMN "reporting"."runs"."test_loss" IS 'Test cross-entropy of the best epoch';
COMMENT ON COLUMN "reporting"."runs"."best_epoch" IS 'Epoch with the highest validation accuracy, from 1';
COMMENT ON COLUMN "reporting"."runs"."samples_per_second" IS 'Training images per second';
COMMENT ON COLUMN "reporting"."runs"."seconds" IS 'Seconds of all attempts that have ended';
COMMENT ON COLUMN "reporting"."runs"."family" IS 'model.family: Vision transformer / Residual network / CrossViT: two branches with cross-attention';
COMMENT ON COLUMN "reporting"."runs"."ordering" IS 'model.ordering: Order of norm, attention and MLP in a block, where a branch f is attention or the MLP. preNorm: x + f(norm(x)); postNorm: norm(x + f(x)); resPostNorm: x + norm(f(x)); mlpFirst: preNorm with the MLP first; parallel: x + attention(norm1(x)) + mlp(norm2(x)); parallelFused: parallel with one norm and joint projections / Order of operations in a basic block. v1: conv, bn, relu, conv, bn, add, relu; v2: conv, relu, bn, relu, conv, relu, bn, add, relu; v3: conv, bn, relu, conv, bn, relu, add; bnAfterAdd: conv, bn, relu, conv, add, bn, relu; preActivation: bn, relu, conv, bn, relu, conv, add';
COMMENT ON COLUMN "reporting"."runs"."image_size" IS 'model.imageSize: Side of the square input in pixels';
COMMENT ON COLUMN "reporting"."runs"."patch_size" IS 'model.patchSize: Side of a patch in pixels; divides imageSize';
COMMENT ON COLUMN "reporting"."runs"."width" IS 'model.width: Size of a token; divisible by heads';
COMMENT ON COLUMN "reporting"."runs"."depth" IS 'model.depth: Number of blocks';
COMMENT ON COLUMN "reporting"."runs"."heads" IS 'model.heads: Attention heads; with differential attention, each head is split in two';
COMMENT ON COLUMN "reporting"."runs"."mlp_ratio" IS 'model.mlpRatio: Hidden size of the MLP relative to the width';
COMMENT ON COLUMN "reporting"."runs"."attention" IS 'model.attention: differential: the difference of two softmax maps for each head';
COMMENT ON COLUMN "reporting"."runs"."positional" IS 'model.positional: Positional embedding, added to the tokens';
COMMENT ON COLUMN "reporting"."runs"."pool" IS 'model.pool: What the head reads: the class token, or the mean of the patch tokens';
COMMENT ON COLUMN "reporting"."runs"."drop_path" IS 'model.dropout.path: Drop rate of whole residual branches (stochastic depth)';
COMMENT ON COLUMN "reporting"."runs"."block" IS 'model.block: basic: two 3×3 convolutions; bottleneck: 1×1, 3×3 and 1×1';
COMMENT ON COLUMN "reporting"."runs"."depths" IS 'model.depths: Number of blocks in each stage';
COMMENT ON COLUMN "reporting"."runs"."widths" IS 'model.widths: Channels of each stage';
COMMENT ON COLUMN "reporting"."runs"."stem" IS 'model.stem: cifar: one 3×3 convolution; imagenet: a 7×7 convolution with stride 2, then max pooling / How patches are embedded. convolution: the three-layer stem of the dagger models';
COMMENT ON COLUMN "reporting"."runs"."shortcut" IS 'model.shortcut: Shortcut where shapes change. projection: 1×1 convolution with batch norm; pad: subsampling, padded with zero channels (He et al., option A)';
COMMENT ON COLUMN "reporting"."runs"."augment" IS 'Name of the augmentation set, or "custom" and the start of its hash';
COMMENT ON COLUMN "reporting"."runs"."optimizer" IS 'train.optimizer.name: AdamW: Adam with decoupled weight decay / Stochastic gradient descent with momentum';
COMMENT ON COLUMN "reporting"."runs"."learning_rate" IS 'train.optimizer.learningRate: Peak learning rate';
COMMENT ON COLUMN "reporting"."runs"."weight_decay" IS 'train.optimizer.weightDecay: Decay of weights with two or more dimensions';
COMMENT ON COLUMN "reporting"."runs"."momentum" IS 'train.optimizer.momentum: Decay of the accumulated gradients';
COMMENT ON COLUMN "reporting"."runs"."schedule" IS 'train.schedule.name: Shape of the learning rate after the warm-up';
COMMENT ON COLUMN "reporting"."runs"."warmup_epochs" IS 'train.schedule.warmupEpochs: Epochs of linear warm-up; less than epochs';
COMMENT ON COLUMN "reporting"."runs"."label_smoothing" IS 'train.labelSmoothing: Share of the label spread over all classes';
COMMENT ON COLUMN "reporting"."runs"."clip_norm" IS 'train.clipNorm: Maximum global gradient norm; null for no clipping';
COMMENT ON COLUMN "reporting"."runs"."ema" IS 'train.ema: Decay of the moving average of the weights; null for none';
COMMENT ON COLUMN "reporting"."runs"."batch_size" IS 'train.batchSize: Images of a step; at most the number of training images';
COMMENT ON COLUMN "reporting"."runs"."epochs" IS 'train.epochs: Passes over the training images';
COMMENT ON COLUMN "reporting"."runs"."precision" IS 'train.precision: Precision of matrix products and convolutions';
COMMENT ON COLUMN "reporting"."runs"."dataset" IS 'dataset.name: A known data set, or the name of a file or folder on the data path';
COMMENT ON COLUMN "reporting"."runs"."samples" IS 'dataset.samples: Number of training images used, validation included; default: all';
COMMENT ON COLUMN "reporting"."runs"."validation" IS 'dataset.validation: Share of the samples held out to choose the best epoch; ignored if the data set has validation images';
COMMENT ON COLUMN "reporting"."runs"."split_seed" IS 'dataset.splitSeed: Seed of the split into training and validation images';
COMMENT ON COLUMN "reporting"."runs"."dataset_hash" IS 'SHA-256 of the packed images and labels';
COMMENT ON COLUMN "reporting"."runs"."parameters" IS 'Trained values of the model, as the trainer counted them';
COMMENT ON COLUMN "reporting"."runs"."total_steps" IS 'Optimizer steps of the whole run';
COMMENT ON COLUMN "reporting"."runs"."compiled" IS 'Whether training ran as one compiled graph';
COMMENT ON COLUMN "reporting"."runs"."resumed_from" IS 'Step of the checkpoint from which the newest attempt resumed';
COMMENT ON COLUMN "reporting"."runs"."notes" IS 'What did not run as requested, such as an op that was not compiled';
COMMENT ON COLUMN "reporting"."runs"."worker" IS 'Host and process of the worker of the newest attempt';
COMMENT ON COLUMN "reporting"."runs"."device" IS 'Device of the newest attempt';
COMMENT ON COLUMN "reporting"."runs"."tensorflow" IS 'Version of TensorFlow';
COMMENT ON COLUMN "reporting"."runs"."code" IS 'Git commit, with "+" if the work tree differed';
COMMENT ON COLUMN "reporting"."runs"."lockfile" IS 'SHA-256 of package-lock.json';
COMMENT ON COLUMN "reporting"."runs"."node" IS 'Version of Node.js';
COMMENT ON COLUMN "reporting"."runs"."threads" IS 'Threads of TensorFlow';
COMMENT ON COLUMN "reporting"."runs"."message" IS 'Why the run failed or was cancelled';
COMMENT ON COLUMN "reporting"."runs"."progress" IS 'Last progress of the newest attempt';
COMMENT ON COLUMN "reporting"."runs"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."runs"."config" IS 'Every hyperparameter as one JSON object';
COMMENT ON COLUMN "reporting"."runs"."config_hash" IS 'Canonical hash of the config; equal configs of different sweeps have the same';
COMMENT ON COLUMN "reporting"."runs"."config_position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."runs"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."runs"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."runs"."created_at" IS 'When the run was submitted';
COMMENT ON COLUMN "reporting"."runs"."started_at" IS 'When the first attempt was claimed';
COMMENT ON COLUMN "reporting"."runs"."finished_at" IS 'When the run was finished';
COMMENT ON COLUMN "reporting"."runs"."augment_hash" IS 'SHA-256 of the operations of the augmentation';
COMMENT ON COLUMN "reporting"."runs"."instruction_sets" IS 'Instruction sets of the processor that affect results';
COMMENT ON COLUMN "reporting"."runs"."one_dnn" IS 'Whether TensorFlow used oneDNN';
COMMENT ON COLUMN "reporting"."runs"."classes" IS 'model.classes: Number of classes of the head';
COMMENT ON COLUMN "reporting"."runs"."qkv_bias" IS 'model.qkvBias: Whether the query, key and value projections have a bias';
COMMENT ON COLUMN "reporting"."runs"."layer_norm_epsilon" IS 'model.layerNormEpsilon: Added to the variance in layer norm';
COMMENT ON COLUMN "reporting"."runs"."layer_scale" IS 'model.layerScale: Initial layer scale; null for none';
COMMENT ON COLUMN "reporting"."runs"."drop_position" IS 'model.dropout.position: Dropout rate after the positional embedding';
COMMENT ON COLUMN "reporting"."runs"."drop_attention" IS 'model.dropout.attention: Dropout rate of attention probabilities';
COMMENT ON COLUMN "reporting"."runs"."drop_projection" IS 'model.dropout.projection: Dropout rate after the output projection of attention';
COMMENT ON COLUMN "reporting"."runs"."drop_mlp" IS 'model.dropout.mlp: Dropout rate after each linear layer of the MLP';
COMMENT ON COLUMN "reporting"."runs"."small_image_size" IS 'model.small.imageSize: Size to which this branch resizes the input; default: imageSize of the model';
COMMENT ON COLUMN "reporting"."runs"."small_patch_size" IS 'model.small.patchSize: Side of a patch in pixels; divides the image size of the branch';
COMMENT ON COLUMN "reporting"."runs"."small_width" IS 'model.small.width: Size of a token; divisible by heads';
COMMENT ON COLUMN "reporting"."runs"."small_depth" IS 'model.small.depth: ViT blocks of this branch in each stage';
COMMENT ON COLUMN "reporting"."runs"."small_heads" IS 'model.small.heads: Attention heads';
COMMENT ON COLUMN "reporting"."runs"."large_image_size" IS 'model.large.imageSize: Size to which this branch resizes the input; default: imageSize of the model';
COMMENT ON COLUMN "reporting"."runs"."large_patch_size" IS 'model.large.patchSize: Side of a patch in pixels; divides the image size of the branch';
COMMENT ON COLUMN "reporting"."runs"."large_width" IS 'model.large.width: Size of a token; divisible by heads';
COMMENT ON COLUMN "reporting"."runs"."large_depth" IS 'model.large.depth: ViT blocks of this branch in each stage';
COMMENT ON COLUMN "reporting"."runs"."large_heads" IS 'model.large.heads: Attention heads';
COMMENT ON COLUMN "reporting"."runs"."stages" IS 'model.stages: Number of stages; each ends with cross-attention';
COMMENT ON COLUMN "reporting"."runs"."cross_depth" IS 'model.crossDepth: Cross-attention layers in each stage';
COMMENT ON COLUMN "reporting"."runs"."fusion" IS 'model.fusion: How a class token attends to the patches of the other branch. paper: projected once, pre-norm over all tokens; tokens: projected in each layer, norm on the class token only';
COMMENT ON COLUMN "reporting"."runs"."combine" IS 'model.combine: How the logits of the two branches are combined';
COMMENT ON COLUMN "reporting"."runs"."beta1" IS 'train.optimizer.beta1: Decay of the mean of the gradients';
COMMENT ON COLUMN "reporting"."runs"."beta2" IS 'train.optimizer.beta2: Decay of the mean of the squared gradients';
COMMENT ON COLUMN "reporting"."runs"."epsilon" IS 'train.optimizer.epsilon: Added to the denominator';
COMMENT ON COLUMN "reporting"."runs"."nesterov" IS 'train.optimizer.nesterov: Use Nesterov momentum; needs a momentum above 0';
COMMENT ON COLUMN "reporting"."runs"."dataset_image_size" IS 'dataset.imageSize: Side in pixels to which images are resized when the data set is packed; default: images keep their size, which must be uniform';
COMMENT ON COLUMN "reporting"."runs"."dataset_classes" IS 'dataset.classes: Names of the classes used, such as wnids; default: all';
COMMENT ON COLUMN "reporting"."runs"."images_per_class" IS 'dataset.imagesPerClass: Training images packed for each class, the first in the source; default: all';
COMMENT ON COLUMN "reporting"."runs"."skip_broken" IS 'dataset.skipBroken: Skip files that cannot be decoded, and count them; default: packing fails and names the file';
COMMENT ON COLUMN "reporting"."runs"."augment_ops" IS 'augment: Operations of the augmentation';
COMMENT ON COLUMN "reporting"."runs"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."runs"."useful_seconds" IS 'Seconds of attempts that reached a checkpoint or the result';
COMMENT ON COLUMN "reporting"."runs"."lost_seconds" IS 'Seconds of attempts that were lost';
COMMENT ON COLUMN "reporting"."runs"."peak_memory_bytes" IS 'Peak resident memory of the trainer in the attempt that finished; null if not measured';
COMMENT ON COLUMN "reporting"."runs"."energy_joules" IS 'Energy of the machine’s processors and GPU while the run trained; null where the machine does not report it';

-- One row per config: mean and sample standard deviation over the seeds that succeeded, and how many runs are unfinished or failed. Reads
-- the cells of the config and counts its runs by index, so that a filter on the sweep reaches both.
CREATE OR REPLACE VIEW "reporting"."ablation" AS
SELECT
  sweep."name" AS sweep,
  config."axes",
  run.n,
  val.mean AS val_mean,
  val.sd AS val_sd,
  test.mean AS test_mean,
  test.sd AS test_sd,
  train.mean AS train_mean,
  run.unfinished,
  run.failed,
  config."position",
  config."id" AS config_id,
  config."sweep_id",
  config."parameters",
  config."macs"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
CROSS JOIN LATERAL (
  SELECT
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS n,
    count(*) FILTER (WHERE "state" IN ('queued', 'running'))::integer AS unfinished,
    count(*) FILTER (WHERE "state" IN ('failed', 'cancelled', 'pruned'))::integer AS failed
  FROM "run" WHERE "config_id" = config."id"
) run
LEFT JOIN "cell" val_cell ON val_cell."config_id" = config."id" AND val_cell."metric" = 'val_accuracy'
LEFT JOIN "cell" test_cell ON test_cell."config_id" = config."id" AND test_cell."metric" = 'test_accuracy'
LEFT JOIN "cell" train_cell ON train_cell."config_id" = config."id" AND train_cell."metric" = 'train_accuracy'
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(val_cell."values") AS one(value)) val
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(test_cell."values") AS one(value)) test
CROSS JOIN LATERAL (SELECT avg(value) AS mean FROM unnest(train_cell."values") AS one(value)) train;

COMMENT ON VIEW "reporting"."ablation" IS 'One row per config: mean and sample standard deviation over the seeds that succeeded.';
COMMENT ON COLUMN "reporting"."ablation"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."n" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."ablation"."val_mean" IS 'Mean validation accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."val_sd" IS 'Sample standard deviation of validation accuracy; null below two seeds';
COMMENT ON COLUMN "reporting"."ablation"."test_mean" IS 'Mean test accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."test_sd" IS 'Sample standard deviation of test accuracy; null below two seeds';
COMMENT ON COLUMN "reporting"."ablation"."train_mean" IS 'Mean training accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."unfinished" IS 'Runs that are queued or running';
COMMENT ON COLUMN "reporting"."ablation"."failed" IS 'Runs that failed or were cancelled or pruned';
COMMENT ON COLUMN "reporting"."ablation"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."ablation"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."ablation"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."ablation"."macs" IS 'Multiply-accumulates of one image’s forward pass';

-- The values of each config and metric over its seeds.
CREATE OR REPLACE VIEW "reporting"."cells" AS
SELECT sweep."name" AS sweep, config."axes", cell."metric", cell."n", cell."seeds", cell."values", figures.mean, figures.sd,
  config."position", cell."config_id", cell."sweep_id"
FROM "cell" cell
JOIN "config" config ON config."id" = cell."config_id"
JOIN "sweep" sweep ON sweep."id" = cell."sweep_id"
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(cell."values") AS one(value)) figures;

COMMENT ON VIEW "reporting"."cells" IS 'One row per config and metric, with the value of each seed that succeeded.';
COMMENT ON COLUMN "reporting"."cells"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."cells"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."cells"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."cells"."n" IS 'Seeds with a value';
COMMENT ON COLUMN "reporting"."cells"."seeds" IS 'Seeds, ascending';
COMMENT ON COLUMN "reporting"."cells"."values" IS 'Value of each seed, in the order of seeds';
COMMENT ON COLUMN "reporting"."cells"."mean" IS 'Mean of the values';
COMMENT ON COLUMN "reporting"."cells"."sd" IS 'Sample standard deviation of the values; null below two';
COMMENT ON COLUMN "reporting"."cells"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."cells"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."cells"."sweep_id" IS 'Id of the sweep';

-- Every config against the baseline of its sweep. The rows are what `sweepVerdict` of packages/statistics computed from the cells.
CREATE OR REPLACE VIEW "reporting"."comparisons" AS
SELECT sweep."name" AS sweep, config."axes", comparison."metric", cell."n", figures.mean, figures.sd, comparison."pairs",
  comparison."difference", comparison."half", comparison."p", comparison."pooled_difference", comparison."pooled_half",
  comparison."pooled_p", comparison."holm_p", comparison."guarded_holm_p", comparison."verdict", comparison."detectable",
  comparison."seeds_needed", comparison."margin",
  NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = comparison."sweep_id") AS current,
  config."position", comparison."config_id", comparison."baseline_id" AS baseline_config_id, comparison."sweep_id"
FROM "comparison" comparison
JOIN "config" config ON config."id" = comparison."config_id"
JOIN "sweep" sweep ON sweep."id" = comparison."sweep_id"
LEFT JOIN "cell" cell ON cell."config_id" = comparison."config_id" AND cell."metric" = comparison."metric"
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(cell."values") AS one(value)) figures;

COMMENT ON VIEW "reporting"."comparisons" IS 'One row per config and metric: its difference from the baseline of its sweep, and the verdict of docs/statistics.md.';
COMMENT ON COLUMN "reporting"."comparisons"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."comparisons"."n" IS 'Seeds with a value';
COMMENT ON COLUMN "reporting"."comparisons"."mean" IS 'Mean of the values';
COMMENT ON COLUMN "reporting"."comparisons"."sd" IS 'Sample standard deviation of the values; null below two';
COMMENT ON COLUMN "reporting"."comparisons"."pairs" IS 'Seeds that the config and the baseline share';
COMMENT ON COLUMN "reporting"."comparisons"."difference" IS 'Mean difference from the baseline over the shared seeds';
COMMENT ON COLUMN "reporting"."comparisons"."half" IS 'Half the width of the 95 % interval of the difference, from its own spread; null below two pairs';
COMMENT ON COLUMN "reporting"."comparisons"."p" IS 'Two-sided p of the paired t test, not corrected';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_difference" IS 'Difference from the baseline in the two-way model of config and seed';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_half" IS 'Half the width of its 95 % interval, with the variance pooled over the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_p" IS 'Two-sided p with the pooled variance, not corrected';
COMMENT ON COLUMN "reporting"."comparisons"."holm_p" IS 'pooled_p, with Holm’s correction for the comparisons of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."guarded_holm_p" IS 'The same with the variances of the two configs instead of the pooled one';
COMMENT ON COLUMN "reporting"."comparisons"."verdict" IS 'baseline, better, worse, equivalent, noise, no-noise-estimate or no-result. Of a loss, lower is better';
COMMENT ON COLUMN "reporting"."comparisons"."detectable" IS 'Smallest difference that the seeds at hand would show with 80 % power, where the verdict is noise';
COMMENT ON COLUMN "reporting"."comparisons"."seeds_needed" IS 'Seeds in total that would show the difference observed, where the verdict is noise; null above 1,000';
COMMENT ON COLUMN "reporting"."comparisons"."margin" IS 'Differences within ± margin count as equivalent; null without a margin';
COMMENT ON COLUMN "reporting"."comparisons"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."comparisons"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."comparisons"."baseline_config_id" IS 'Id of the config that is the baseline';
COMMENT ON COLUMN "reporting"."comparisons"."sweep_id" IS 'Id of the sweep';

-- What each level of each axis does, on the balanced part of a grid, as `factorialAnova` of packages/statistics computed it.
CREATE OR REPLACE VIEW "reporting"."effects" AS
SELECT sweep."name" AS sweep, effect."metric", effect."axis", effect."level", effect."reference", effect."mean", effect."difference",
  effect."half", effect."p", effect."axis_f", effect."axis_freedom", effect."residual_freedom", effect."axis_p", effect."results",
  effect."seeds", NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = effect."sweep_id") AS current,
  effect."position", effect."sweep_id"
FROM "effect" effect
JOIN "sweep" sweep ON sweep."id" = effect."sweep_id";

COMMENT ON VIEW "reporting"."effects" IS 'One row per metric, axis and level: the main effect of the level over the balanced part of a grid.';
COMMENT ON COLUMN "reporting"."effects"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."effects"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."effects"."axis" IS 'Path of the axis, such as model.ordering';
COMMENT ON COLUMN "reporting"."effects"."level" IS 'Value on the axis';
COMMENT ON COLUMN "reporting"."effects"."reference" IS 'Whether the others are compared with this level: that of the baseline';
COMMENT ON COLUMN "reporting"."effects"."mean" IS 'Mean over all other axes and seeds';
COMMENT ON COLUMN "reporting"."effects"."difference" IS 'Mean less the mean of the reference level; null for that level';
COMMENT ON COLUMN "reporting"."effects"."half" IS 'Half the width of the 95 % interval of the difference';
COMMENT ON COLUMN "reporting"."effects"."p" IS 'Two-sided p of the difference, not corrected';
COMMENT ON COLUMN "reporting"."effects"."axis_f" IS 'F of the whole axis against the residual';
COMMENT ON COLUMN "reporting"."effects"."axis_freedom" IS 'Degrees of freedom of the axis';
COMMENT ON COLUMN "reporting"."effects"."residual_freedom" IS 'Degrees of freedom of the residual';
COMMENT ON COLUMN "reporting"."effects"."axis_p" IS 'p of the whole axis';
COMMENT ON COLUMN "reporting"."effects"."results" IS 'Runs of the balanced part';
COMMENT ON COLUMN "reporting"."effects"."seeds" IS 'Seeds of the balanced part';
COMMENT ON COLUMN "reporting"."effects"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."effects"."position" IS 'Index of the level';
COMMENT ON COLUMN "reporting"."effects"."sweep_id" IS 'Id of the sweep';

-- How two axes depend on each other, on the balanced part of a grid, as `factorialAnova` of packages/statistics computed it.
CREATE OR REPLACE VIEW "reporting"."interactions" AS
SELECT sweep."name" AS sweep, interaction."metric", interaction."axis_a", interaction."axis_b", interaction."level_a",
  interaction."level_b", interaction."mean", interaction."deviation", interaction."f", interaction."freedom",
  interaction."residual_freedom", interaction."p", interaction."results",
  NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = interaction."sweep_id") AS current,
  interaction."position", interaction."sweep_id"
FROM "interaction" interaction
JOIN "sweep" sweep ON sweep."id" = interaction."sweep_id";

COMMENT ON VIEW "reporting"."interactions" IS 'One row per metric, pair of axes and pair of their levels. f and p are those of the pair of axes.';
COMMENT ON COLUMN "reporting"."interactions"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."interactions"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."interactions"."axis_a" IS 'Path of the first axis';
COMMENT ON COLUMN "reporting"."interactions"."axis_b" IS 'Path of the second axis';
COMMENT ON COLUMN "reporting"."interactions"."level_a" IS 'Value on the first axis';
COMMENT ON COLUMN "reporting"."interactions"."level_b" IS 'Value on the second axis';
COMMENT ON COLUMN "reporting"."interactions"."mean" IS 'Mean of the results with both levels';
COMMENT ON COLUMN "reporting"."interactions"."deviation" IS 'Mean less what the two levels add up to by themselves';
COMMENT ON COLUMN "reporting"."interactions"."f" IS 'F of the interaction of the two axes against the residual';
COMMENT ON COLUMN "reporting"."interactions"."freedom" IS 'Degrees of freedom of the interaction';
COMMENT ON COLUMN "reporting"."interactions"."residual_freedom" IS 'Degrees of freedom of the residual';
COMMENT ON COLUMN "reporting"."interactions"."p" IS 'p of the interaction; a small p says that the effect of one axis depends on the other';
COMMENT ON COLUMN "reporting"."interactions"."results" IS 'Runs of the balanced part';
COMMENT ON COLUMN "reporting"."interactions"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."interactions"."position" IS 'Index of the pair of levels';
COMMENT ON COLUMN "reporting"."interactions"."sweep_id" IS 'Id of the sweep';

-- What each config cost.
CREATE OR REPLACE VIEW "reporting"."cost" AS
SELECT sweep."name" AS sweep, config."axes", config."parameters", config."macs", run.runs, run.useful_seconds, run.lost_seconds,
  run.seconds_per_run, run.samples_per_second, run.peak_memory_bytes, run.energy_joules, config."position",
  config."id" AS config_id, config."sweep_id"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
CROSS JOIN LATERAL (
  SELECT
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS runs,
    sum("useful_seconds") AS useful_seconds,
    sum("lost_seconds") AS lost_seconds,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY "useful_seconds") FILTER (WHERE "state" = 'succeeded') AS seconds_per_run,
    avg("samples_per_second") FILTER (WHERE "state" = 'succeeded') AS samples_per_second,
    max("peak_memory_bytes") AS peak_memory_bytes,
    avg("energy_joules") FILTER (WHERE "state" = 'succeeded') AS energy_joules
  FROM "run" WHERE "config_id" = config."id"
) run;

COMMENT ON VIEW "reporting"."cost" IS 'One row per config: what it costs to train and to run.';
COMMENT ON COLUMN "reporting"."cost"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."cost"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."cost"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."cost"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."cost"."runs" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."cost"."useful_seconds" IS 'Device seconds of all its runs that reached a checkpoint or the result';
COMMENT ON COLUMN "reporting"."cost"."lost_seconds" IS 'Device seconds of all its runs that were lost';
COMMENT ON COLUMN "reporting"."cost"."seconds_per_run" IS 'Median of useful seconds over the runs that succeeded';
COMMENT ON COLUMN "reporting"."cost"."samples_per_second" IS 'Mean training images per second';
COMMENT ON COLUMN "reporting"."cost"."peak_memory_bytes" IS 'Highest peak of resident memory of a trainer; null if not measured';
COMMENT ON COLUMN "reporting"."cost"."energy_joules" IS 'Mean energy of a run that succeeded; null where the machine does not report it';
COMMENT ON COLUMN "reporting"."cost"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."cost"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."cost"."sweep_id" IS 'Id of the sweep';

-- Which configs are worth their cost: a row per config and kind of cost.
CREATE OR REPLACE VIEW "reporting"."pareto" AS
SELECT placed."sweep", placed."axes", placed.measure, placed.cost, placed.n, placed.test_mean,
  placed.test_mean = placed.best_of_equal_cost AND coalesce(placed.test_mean > placed.best_of_lower_cost, true) AS on_front,
  placed."position", placed.config_id, placed."sweep_id"
FROM (
  SELECT ablation.*, measured.measure, measured.cost,
    max(ablation.test_mean) OVER (PARTITION BY ablation."sweep_id", measured.measure, measured.cost) AS best_of_equal_cost,
    max(ablation.test_mean) OVER (PARTITION BY ablation."sweep_id", measured.measure ORDER BY measured.cost
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) AS best_of_lower_cost
  FROM (
    SELECT sweep."name" AS sweep, config."axes", config."parameters", config."macs", config."position", cell."n",
      (SELECT avg(value) FROM unnest(cell."values") AS one(value)) AS test_mean,
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "useful_seconds") FROM "run"
        WHERE "config_id" = config."id" AND "state" = 'succeeded') AS seconds,
      config."id" AS config_id, config."sweep_id"
    FROM "cell" cell
    JOIN "config" config ON config."id" = cell."config_id"
    JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
    WHERE cell."metric" = 'test_accuracy'
  ) ablation
  CROSS JOIN LATERAL (VALUES
    ('parameters', ablation."parameters"::double precision),
    ('macs', ablation."macs"::double precision),
    ('seconds', ablation.seconds)
  ) AS measured(measure, cost)
  WHERE measured.cost IS NOT NULL
) placed;

COMMENT ON VIEW "reporting"."pareto" IS 'One row per config and kind of cost: whether a cheaper config, or one of the same cost, has a higher mean test accuracy.';
COMMENT ON COLUMN "reporting"."pareto"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."pareto"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."pareto"."measure" IS 'parameters, macs or seconds (median of useful seconds of a run)';
COMMENT ON COLUMN "reporting"."pareto"."cost" IS 'Cost in that measure';
COMMENT ON COLUMN "reporting"."pareto"."n" IS 'Seeds with a test accuracy';
COMMENT ON COLUMN "reporting"."pareto"."test_mean" IS 'Mean test accuracy';
COMMENT ON COLUMN "reporting"."pareto"."on_front" IS 'Whether the config is on the Pareto front: none that costs at most as much has a higher mean. Noise is not taken into account';
COMMENT ON COLUMN "reporting"."pareto"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."pareto"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."pareto"."sweep_id" IS 'Id of the sweep';

-- One row per attempt: one execution of a run by one worker.
CREATE OR REPLACE VIEW "reporting"."attempts" AS
SELECT attempt."run_id" AS run, sweep."name" AS sweep, attempt."number" AS attempt, attempt."worker", attempt."started_at",
  attempt."ended_at", extract(epoch FROM coalesce(attempt."ended_at", now()) - attempt."started_at")::double precision AS seconds,
  attempt."cause"::text AS cause, attempt."message", attempt."resumed_from", attempt."saved_at", attempt."total_steps",
  attempt."epochs", attempt."parameters", attempt."dataset_hash", attempt."compiled", attempt."notes",
  attempt."environment" ->> 'device' AS device, attempt."environment" ->> 'tensorflow' AS tensorflow,
  attempt."environment" ->> 'code' AS code, attempt."environment", run."config_id", run."sweep_id"
FROM "attempt" attempt
JOIN "run" run ON run."id" = attempt."run_id"
JOIN "sweep" sweep ON sweep."id" = run."sweep_id";

COMMENT ON VIEW "reporting"."attempts" IS 'One row per attempt: one execution of a run by one worker, with its environment.';
COMMENT ON COLUMN "reporting"."attempts"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."attempts"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."attempts"."attempt" IS 'Number of the attempt within its run, from 1';
COMMENT ON COLUMN "reporting"."attempts"."worker" IS 'Host and process of the worker';
COMMENT ON COLUMN "reporting"."attempts"."started_at" IS 'When the worker claimed it';
COMMENT ON COLUMN "reporting"."attempts"."ended_at" IS 'When it ended; null while it runs';
COMMENT ON COLUMN "reporting"."attempts"."seconds" IS 'Seconds from claim to end, or until now';
COMMENT ON COLUMN "reporting"."attempts"."cause" IS 'completed, user_error, diverged, out_of_memory, lost, preempted, cancelled or superseded; null while it runs';
COMMENT ON COLUMN "reporting"."attempts"."message" IS 'Why it ended';
COMMENT ON COLUMN "reporting"."attempts"."resumed_from" IS 'Step of the checkpoint from which it resumed; null if it began at step 0';
COMMENT ON COLUMN "reporting"."attempts"."saved_at" IS 'When it recorded its newest checkpoint';
COMMENT ON COLUMN "reporting"."attempts"."total_steps" IS 'Optimizer steps of the whole run';
COMMENT ON COLUMN "reporting"."attempts"."epochs" IS 'Epochs of the whole run';
COMMENT ON COLUMN "reporting"."attempts"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."attempts"."dataset_hash" IS 'SHA-256 of the packed images and labels';
COMMENT ON COLUMN "reporting"."attempts"."compiled" IS 'Whether training ran as one compiled graph';
COMMENT ON COLUMN "reporting"."attempts"."notes" IS 'What did not run as requested';
COMMENT ON COLUMN "reporting"."attempts"."device" IS 'Device';
COMMENT ON COLUMN "reporting"."attempts"."tensorflow" IS 'Version of TensorFlow';
COMMENT ON COLUMN "reporting"."attempts"."code" IS 'Git commit, with "+" if the work tree differed';
COMMENT ON COLUMN "reporting"."attempts"."environment" IS 'Code, lockfile, versions, device, instruction sets, precision and threads as one JSON object';
COMMENT ON COLUMN "reporting"."attempts"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."attempts"."sweep_id" IS 'Id of the sweep';

-- How fast each family trains on each device.
CREATE OR REPLACE VIEW "reporting"."throughput" AS
SELECT
  config."config" #>> '{model,family}' AS family,
  attempt."environment" ->> 'device' AS device,
  (attempt."environment" ->> 'threads')::integer AS threads,
  attempt."environment" ->> 'precision' AS "precision",
  (config."config" #>> '{train,batchSize}')::integer AS batch_size,
  count(*)::integer AS runs,
  avg(run."samples_per_second") AS samples_per_second,
  min(run."samples_per_second") AS slowest,
  max(run."samples_per_second") AS fastest,
  avg(run."samples_per_second" * config."macs") AS macs_per_second
FROM "run" run
JOIN "config" config ON config."id" = run."config_id"
JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt"
WHERE run."state" = 'succeeded'
GROUP BY 1, 2, 3, 4, 5;

COMMENT ON VIEW "reporting"."throughput" IS 'One row per family, device, number of threads, precision and batch size: how fast runs that succeeded trained.';
COMMENT ON COLUMN "reporting"."throughput"."family" IS 'Family of the model';
COMMENT ON COLUMN "reporting"."throughput"."device" IS 'Device';
COMMENT ON COLUMN "reporting"."throughput"."threads" IS 'Threads of TensorFlow';
COMMENT ON COLUMN "reporting"."throughput"."precision" IS 'Precision of matrix products and convolutions';
COMMENT ON COLUMN "reporting"."throughput"."batch_size" IS 'Images of a step';
COMMENT ON COLUMN "reporting"."throughput"."runs" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."throughput"."samples_per_second" IS 'Mean training images per second';
COMMENT ON COLUMN "reporting"."throughput"."slowest" IS 'Lowest training images per second';
COMMENT ON COLUMN "reporting"."throughput"."fastest" IS 'Highest training images per second';
COMMENT ON COLUMN "reporting"."throughput"."macs_per_second" IS 'Mean multiply-accumulates of forward passes per second; training takes about three times as many';

-- One row per measured value. `value` is null if the value was not finite.
CREATE OR REPLACE VIEW "reporting"."curves" AS
SELECT "run_id" AS run, "step", "epoch", "name" AS metric, "value" FROM "metric_point";

COMMENT ON VIEW "reporting"."curves" IS 'One row per value that a run measured.';
COMMENT ON COLUMN "reporting"."curves"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."curves"."step" IS 'Optimizer step, from 0';
COMMENT ON COLUMN "reporting"."curves"."epoch" IS 'Epoch, with its fraction';
COMMENT ON COLUMN "reporting"."curves"."metric" IS 'Name of the metric, such as val/accuracy';
COMMENT ON COLUMN "reporting"."curves"."value" IS 'Value; null if it was not finite';

-- Every change of a state, in order. `number` is null until the event has been numbered.
CREATE OR REPLACE VIEW "reporting"."events" AS
SELECT event."number", event."at", sweep."name" AS sweep, event."subject"::text AS subject, event."run_id" AS run, event."attempt",
  event."before", event."state", event."cause"::text AS cause, event."message", event."sweep_id", event."id"
FROM "event" event
LEFT JOIN "sweep" sweep ON sweep."id" = event."sweep_id";

COMMENT ON VIEW "reporting"."events" IS 'One row per change of a state, in order.';
COMMENT ON COLUMN "reporting"."events"."number" IS 'Number in the log, without gaps; null until it is numbered, about a second';
COMMENT ON COLUMN "reporting"."events"."at" IS 'When the state changed';
COMMENT ON COLUMN "reporting"."events"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."events"."subject" IS 'sweep, run or attempt';
COMMENT ON COLUMN "reporting"."events"."run" IS 'Id of the run; null for an event of a sweep';
COMMENT ON COLUMN "reporting"."events"."attempt" IS 'Number of the attempt';
COMMENT ON COLUMN "reporting"."events"."before" IS 'State before; null for the first';
COMMENT ON COLUMN "reporting"."events"."state" IS 'State after';
COMMENT ON COLUMN "reporting"."events"."cause" IS 'Why';
COMMENT ON COLUMN "reporting"."events"."message" IS 'Why, in words';
COMMENT ON COLUMN "reporting"."events"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."events"."id" IS 'Id in the order of writing, with gaps';

-- Every column of these views, for completion in an editor.
CREATE OR REPLACE VIEW "reporting"."columns" AS
SELECT class.relname::text AS "view", attribute.attnum::integer AS "position", attribute.attname::text AS "column",
  format_type(attribute.atttypid, attribute.atttypmod) AS "type", col_description(class.oid, attribute.attnum) AS "description"
FROM pg_catalog.pg_class class
JOIN pg_catalog.pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE class.relnamespace = 'reporting'::regnamespace AND class.relkind = 'v';

COMMENT ON VIEW "reporting"."columns" IS 'One row per column of the views that SQL may read.';
COMMENT ON COLUMN "reporting"."columns"."view" IS 'Name of the view';
COMMENT ON COLUMN "reporting"."columns"."position" IS 'Position of the column, from 1';
COMMENT ON COLUMN "reporting"."columns"."column" IS 'Name of the column';
COMMENT ON COLUMN "reporting"."columns"."type" IS 'Type of the column';
COMMENT ON COLUMN "reporting"."columns"."description" IS 'What the column holds';

