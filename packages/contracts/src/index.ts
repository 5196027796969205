export {
  Answer,
  AnswerMetric,
  AnswerRow,
  AnswerSplit,
  Compare,
  ComparisonView,
  ConfigComparison,
  CostKind,
  DEFAULT_MARGIN,
  EffectView,
  figureName,
  GridView,
  ImportanceView,
  InteractionView,
  IntervalView,
  LevelView,
  ParetoView,
  Verdict,
} from './answers.ts';
export { Ask, Tell, TrialView } from './ask.ts';
export { AttemptView, RunLog } from './attempts.ts';
export { Augment, augmentHash, augmentName, augmentOps, imageOps, mixOps, normaliseOp } from './augment.ts';
export {
  AugmentOp,
  type ImageOp,
  Interpolation,
  type MixOp,
  TimmPolicy,
  TimmTransforms,
} from './augment-op.ts';
export { AUGMENT_SETS, AugmentSet } from './augment-sets.ts';
export { type Complaint, jsonPointer, type PointerComplaint, pointerComplaints, zodComplaints } from './complaint.ts';
export { Config, configResolver, resolveConfig, resolveModel } from './config.ts';
export { CellImages, ConfusionSide, ConfusionView } from './confusion.ts';
export { count } from './count.ts';
export { Curves, CurveX, SweepPoints } from './curves.ts';
export { DatasetChoice, datasetFacts, KNOWN_DATASETS, type PackChoice } from './dataset.ts';
export {
  AskSearch,
  CompareSearch,
  Decision,
  DecisionView,
  entryKind,
  FindSearch,
  HistoryEntry,
  Limit,
  PbtSearch,
  SamplerName,
} from './decisions.ts';
export { FleetView, WaitCause } from './fleet.ts';
export { GarbageReport, StoredName } from './garbage.ts';
export { canonicalHash, canonicalJson } from './hash.ts';
export type { ImportedRun } from './imported-run.ts';
export { INSIDE_IMAGES, InsideHeader } from './inside.ts';
export {
  InspectAnswer,
  InspectCommand,
  InspectionView,
  InspectRequest,
  MAX_INSPECTION_BYTES,
  MAX_PICTURE_BYTES,
} from './inspect.ts';
export {
  type JobEnd,
  type JobProgress,
  type JobResult,
  jobFailure,
  jobId,
  jobName,
  KEPT_JOBS,
  KEPT_LOG_LINES,
  logLine,
  type NamedJob,
  queuePrefix,
  RUN_QUEUE,
  RunJob,
} from './job.ts';
export { readJson } from './json.ts';
export {
  AttentionKind,
  ClipModel,
  CrossvitBranch,
  CrossvitModel,
  Family,
  Model,
  Pool,
  Positional,
  ResnetModel,
  ResnetOrdering,
  VitModel,
  VitOrdering,
} from './model.ts';
export { isOutOfMemory, usedMemory } from './out-of-memory.ts';
export { Plan, SweepPlan } from './plan.ts';
export { Confusion, PredictedSplit, PredictionView } from './predictions.ts';
export { Preprocessing } from './preprocessing.ts';
export { PRESETS, Preset } from './presets.ts';
export { isRecord } from './record.ts';
export { configComplaints, modelComplaints, trainingImages } from './rules.ts';
export { IdempotencyKey, OwnerChange, OwnerName, SweepChange } from './share.ts';
export { ShortId } from './short-id.ts';
export {
  Axis,
  AxisPath,
  ConditionalValues,
  drawnBy,
  isDeciding,
  isDrawn,
  Link,
  MAX_CONFIGS,
  MAX_RUNS,
  namesConfigsFirst,
  Permutation,
  Range,
  Search,
  Space,
  Spec,
} from './spec.ts';
export { NewQuery, QueryView, SqlAnswer, SqlRequest } from './sql.ts';
export { Cause, FINISHED_STATES, isFinished, RunState, SweepState } from './states.ts';
export { ScaleName, StudyView } from './studies.ts';
export { text, toStorable } from './text.ts';
export { Adamw, Optimizer, Precision, Schedule, Sgd, type StopRules, Train } from './train.ts';
export {
  CheckpointFile,
  Environment,
  InsideFiles,
  isLastEvent,
  type LastEvent,
  Metric,
  PredictionFile,
  RunResult,
  StopCommand,
  TrainCommand,
  TrainerCommand,
  TrainerEvent,
  TrainerReady,
} from './trainer.ts';
export { UserError, type UserErrorKind } from './user-error.ts';
export { parseVariables, VARIABLES } from './variables.ts';
export {
  CheckpointView,
  Counts,
  EventView,
  IdKind,
  type IdMatch,
  IdMatches,
  MetricView,
  OwnerView,
  Problem,
  Progress,
  page,
  RetryPlan,
  RunOrder,
  RunView,
  Stage,
  SweepDetail,
  SweepItem,
  SweepOrder,
  SweepView,
  WorkerView,
} from './views.ts';
export { noWorker } from './workers.ts';
