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
COMMENT ON COLUMN "reporting"."runs"."pool" IS 'model.pool: What the head reads. cls: the norm of the class token; mean: the norm of the mean of the patch tokens; normThenMean: the mean of the norms of the patch tokens, as in SimpleViT';
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
