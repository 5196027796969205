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
  run."energy_joules" AS "energy_joules",
  c #>> '{train,evaluate,with}' AS "evaluate_with",
  (c #>> '{train,evaluate,everyEpochs}')::integer AS "evaluate_every_epochs",
  (c #>> '{train,evaluate,trainImages}')::integer AS "evaluate_train_images",
  run."reused_from" AS "reused_from",
  run."reused_seconds" AS "reused_seconds",
  run."forked_from" AS "forked_from",
  run."forked_epoch" AS "forked_epoch",
  (c #>> '{train,stop,target}')::double precision AS "stop_target",
  (c #>> '{train,stop,plateau}')::integer AS "stop_plateau",
  (c #>> '{train,stop,deadline}')::double precision AS "stop_deadline"
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
COMMENT ON COLUMN "reporting"."runs"."train_accuracy" IS 'Training accuracy of the best epoch, without augmentation unless evaluate_with is augmented';
COMMENT ON COLUMN "reporting"."runs"."test_accuracy" IS 'Test accuracy of the best epoch, measured once';
COMMENT ON COLUMN "reporting"."runs"."val_loss" IS 'Validation cross-entropy of the best epoch';
COMMENT ON COLUMN "reporting"."runs"."test_loss" IS 'Test cross-entropy of the best epoch';
COMMENT ON COLUMN "reporting"."runs"."best_epoch" IS 'Epoch with the highest validation accuracy, from 1';
COMMENT ON COLUMN "reporting"."runs"."samples_per_second" IS 'Training images per second';
COMMENT ON COLUMN "reporting"."runs"."seconds" IS 'Seconds of all attempts that have ended';
COMMENT ON COLUMN "reporting"."runs"."family" IS 'model.family of the config';
COMMENT ON COLUMN "reporting"."runs"."ordering" IS 'model.ordering of the config';
COMMENT ON COLUMN "reporting"."runs"."image_size" IS 'model.imageSize of the config';
COMMENT ON COLUMN "reporting"."runs"."patch_size" IS 'model.patchSize of the config';
COMMENT ON COLUMN "reporting"."runs"."width" IS 'model.width of the config';
COMMENT ON COLUMN "reporting"."runs"."depth" IS 'model.depth of the config';
COMMENT ON COLUMN "reporting"."runs"."heads" IS 'model.heads of the config';
COMMENT ON COLUMN "reporting"."runs"."mlp_ratio" IS 'model.mlpRatio of the config';
COMMENT ON COLUMN "reporting"."runs"."attention" IS 'model.attention of the config';
COMMENT ON COLUMN "reporting"."runs"."positional" IS 'model.positional of the config';
COMMENT ON COLUMN "reporting"."runs"."pool" IS 'model.pool of the config';
COMMENT ON COLUMN "reporting"."runs"."drop_path" IS 'model.dropout.path of the config';
COMMENT ON COLUMN "reporting"."runs"."block" IS 'model.block of the config';
COMMENT ON COLUMN "reporting"."runs"."depths" IS 'model.depths of the config';
COMMENT ON COLUMN "reporting"."runs"."widths" IS 'model.widths of the config';
COMMENT ON COLUMN "reporting"."runs"."stem" IS 'model.stem of the config';
COMMENT ON COLUMN "reporting"."runs"."shortcut" IS 'model.shortcut of the config';
COMMENT ON COLUMN "reporting"."runs"."augment" IS 'Name of the augmentation set, or "custom" and the start of its hash';
COMMENT ON COLUMN "reporting"."runs"."optimizer" IS 'train.optimizer.name of the config';
COMMENT ON COLUMN "reporting"."runs"."learning_rate" IS 'train.optimizer.learningRate of the config';
COMMENT ON COLUMN "reporting"."runs"."weight_decay" IS 'train.optimizer.weightDecay of the config';
COMMENT ON COLUMN "reporting"."runs"."momentum" IS 'train.optimizer.momentum of the config';
COMMENT ON COLUMN "reporting"."runs"."schedule" IS 'train.schedule.name of the config';
COMMENT ON COLUMN "reporting"."runs"."warmup_epochs" IS 'train.schedule.warmupEpochs of the config';
COMMENT ON COLUMN "reporting"."runs"."label_smoothing" IS 'train.labelSmoothing of the config';
COMMENT ON COLUMN "reporting"."runs"."clip_norm" IS 'train.clipNorm of the config';
COMMENT ON COLUMN "reporting"."runs"."ema" IS 'train.ema of the config';
COMMENT ON COLUMN "reporting"."runs"."batch_size" IS 'train.batchSize of the config';
COMMENT ON COLUMN "reporting"."runs"."epochs" IS 'train.epochs of the config';
COMMENT ON COLUMN "reporting"."runs"."precision" IS 'train.precision of the config';
COMMENT ON COLUMN "reporting"."runs"."dataset" IS 'dataset.name of the config';
COMMENT ON COLUMN "reporting"."runs"."samples" IS 'dataset.samples of the config';
COMMENT ON COLUMN "reporting"."runs"."validation" IS 'dataset.validation of the config';
COMMENT ON COLUMN "reporting"."runs"."split_seed" IS 'dataset.splitSeed of the config';
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
COMMENT ON COLUMN "reporting"."runs"."classes" IS 'model.classes of the config';
COMMENT ON COLUMN "reporting"."runs"."qkv_bias" IS 'model.qkvBias of the config';
COMMENT ON COLUMN "reporting"."runs"."layer_norm_epsilon" IS 'model.layerNormEpsilon of the config';
COMMENT ON COLUMN "reporting"."runs"."layer_scale" IS 'model.layerScale of the config';
COMMENT ON COLUMN "reporting"."runs"."drop_position" IS 'model.dropout.position of the config';
COMMENT ON COLUMN "reporting"."runs"."drop_attention" IS 'model.dropout.attention of the config';
COMMENT ON COLUMN "reporting"."runs"."drop_projection" IS 'model.dropout.projection of the config';
COMMENT ON COLUMN "reporting"."runs"."drop_mlp" IS 'model.dropout.mlp of the config';
COMMENT ON COLUMN "reporting"."runs"."small_image_size" IS 'model.small.imageSize of the config';
COMMENT ON COLUMN "reporting"."runs"."small_patch_size" IS 'model.small.patchSize of the config';
COMMENT ON COLUMN "reporting"."runs"."small_width" IS 'model.small.width of the config';
COMMENT ON COLUMN "reporting"."runs"."small_depth" IS 'model.small.depth of the config';
COMMENT ON COLUMN "reporting"."runs"."small_heads" IS 'model.small.heads of the config';
COMMENT ON COLUMN "reporting"."runs"."large_image_size" IS 'model.large.imageSize of the config';
COMMENT ON COLUMN "reporting"."runs"."large_patch_size" IS 'model.large.patchSize of the config';
COMMENT ON COLUMN "reporting"."runs"."large_width" IS 'model.large.width of the config';
COMMENT ON COLUMN "reporting"."runs"."large_depth" IS 'model.large.depth of the config';
COMMENT ON COLUMN "reporting"."runs"."large_heads" IS 'model.large.heads of the config';
COMMENT ON COLUMN "reporting"."runs"."stages" IS 'model.stages of the config';
COMMENT ON COLUMN "reporting"."runs"."cross_depth" IS 'model.crossDepth of the config';
COMMENT ON COLUMN "reporting"."runs"."fusion" IS 'model.fusion of the config';
COMMENT ON COLUMN "reporting"."runs"."combine" IS 'model.combine of the config';
COMMENT ON COLUMN "reporting"."runs"."beta1" IS 'train.optimizer.beta1 of the config';
COMMENT ON COLUMN "reporting"."runs"."beta2" IS 'train.optimizer.beta2 of the config';
COMMENT ON COLUMN "reporting"."runs"."epsilon" IS 'train.optimizer.epsilon of the config';
COMMENT ON COLUMN "reporting"."runs"."nesterov" IS 'train.optimizer.nesterov of the config';
COMMENT ON COLUMN "reporting"."runs"."dataset_image_size" IS 'dataset.imageSize of the config';
COMMENT ON COLUMN "reporting"."runs"."dataset_classes" IS 'dataset.classes of the config';
COMMENT ON COLUMN "reporting"."runs"."images_per_class" IS 'dataset.imagesPerClass of the config';
COMMENT ON COLUMN "reporting"."runs"."skip_broken" IS 'dataset.skipBroken of the config';
COMMENT ON COLUMN "reporting"."runs"."augment_ops" IS 'augment of the config';
COMMENT ON COLUMN "reporting"."runs"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."runs"."useful_seconds" IS 'Seconds of attempts that reached a checkpoint or the result';
COMMENT ON COLUMN "reporting"."runs"."lost_seconds" IS 'Seconds of attempts that were lost';
COMMENT ON COLUMN "reporting"."runs"."peak_memory_bytes" IS 'Peak resident memory of the trainer in the attempt that finished; null if not measured';
COMMENT ON COLUMN "reporting"."runs"."energy_joules" IS 'Energy of the machine’s processors, without GPUs, in the attempt that finished; null where the machine does not report it or runs share it';
COMMENT ON COLUMN "reporting"."runs"."evaluate_with" IS 'train.evaluate.with of the config';
COMMENT ON COLUMN "reporting"."runs"."evaluate_every_epochs" IS 'train.evaluate.everyEpochs of the config';
COMMENT ON COLUMN "reporting"."runs"."evaluate_train_images" IS 'train.evaluate.trainImages of the config';
COMMENT ON COLUMN "reporting"."runs"."reused_from" IS 'Equal run whose result it has; null if it was trained itself';
COMMENT ON COLUMN "reporting"."runs"."reused_seconds" IS 'Device seconds that the equal run took; its own are then 0';
COMMENT ON COLUMN "reporting"."runs"."forked_from" IS 'Run with another config from whose checkpoint it started; null if it did not';
COMMENT ON COLUMN "reporting"."runs"."forked_epoch" IS 'Epoch of that run after which it goes on';
COMMENT ON COLUMN "reporting"."runs"."stop_target" IS 'train.stop.target of the config';
COMMENT ON COLUMN "reporting"."runs"."stop_plateau" IS 'train.stop.plateau of the config';
COMMENT ON COLUMN "reporting"."runs"."stop_deadline" IS 'train.stop.deadline of the config';
