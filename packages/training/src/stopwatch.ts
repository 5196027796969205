/** Timing of one attempt: throughput, time left, when to report and when to save. It has no effect on the results. */
const PROGRESS_SECONDS = 1;
/** Saving takes at most 1 / 20 of the time. */
const SAVING_RATIO = 20;
/** Assumed until measured: evaluation has no backward pass. */
const EVALUATION_SPEEDUP = 3;

export type Stopwatch = {
  /** Since it was started. */
  readonly seconds: number;
  /** Steps taken. */
  readonly steps: number;
  /** Time the wait for the next step's batch. */
  waiting<T>(wait: () => Promise<T>): Promise<T>;
  /** Time one training step over `samples`; the wait for its batch is included. */
  step<T>(samples: number, train: () => T): T;
  /** Time the writing of a checkpoint. */
  saving<T>(save: () => Promise<T>): Promise<T>;
  /** Samples per second in training. The first step compiles and is ignored once there are others. 0 before the first. */
  samplesPerSecond(): number;
  /** Time the evaluation of `images`. */
  evaluating<T>(images: number, evaluate: () => T): T;
  /** Estimated seconds for `steps`, with checkpoints at the rate so far, and the evaluation of `images`. */
  secondsFor(left: { steps: number; images: number }): number;
  /** True about once a second. */
  progressDue(): boolean;
  /** Whether `everySeconds` have passed since the last checkpoint; 0 is after every step. */
  checkpointDue(everySeconds: number): boolean;
};

const seconds = (): number => performance.now() / 1000;

export function startStopwatch(): Stopwatch {
  const begun = seconds();
  let steps = 0;
  let first = { samples: 0, seconds: 0 };
  let rest = { samples: 0, seconds: 0 };
  let afterFirst = seconds();
  let reported = Number.NEGATIVE_INFINITY;
  let saved = seconds();
  let savingTook = 0;
  let waited = 0;
  let evaluated = { images: 0, seconds: 0 };
  /** Evaluation since the first step: a resumed run may evaluate before it. */
  let evaluatedSince = 0;

  const samplesPerSecond = () => {
    const counted = rest.samples > 0 ? rest : first;
    return counted.samples === 0 ? 0 : counted.samples / counted.seconds;
  };

  return {
    get seconds() {
      return seconds() - begun;
    },
    get steps() {
      return steps;
    },
    async waiting(wait) {
      const start = seconds();
      const result = await wait();
      waited += seconds() - start;
      return result;
    },
    step(samples, train) {
      const start = seconds();
      const result = train();
      const took = seconds() - start + waited;
      waited = 0;
      if (steps === 0) {
        first = { samples, seconds: took };
        afterFirst = seconds();
      } else rest = { samples: rest.samples + samples, seconds: rest.seconds + took };
      steps++;
      return result;
    },
    async saving(save) {
      const start = seconds();
      const result = await save();
      saved = seconds();
      savingTook = saved - start;
      return result;
    },
    evaluating(images, evaluate) {
      const start = seconds();
      const result = evaluate();
      const took = seconds() - start;
      evaluated = { images: evaluated.images + images, seconds: evaluated.seconds + took };
      if (steps > 0) evaluatedSince += took;
      return result;
    },
    samplesPerSecond,
    secondsFor: (left) => {
      const each = steps > 1 ? (seconds() - afterFirst - evaluatedSince) / (steps - 1) : first.seconds;
      const rate =
        evaluated.images > 0 ? evaluated.images / evaluated.seconds : samplesPerSecond() * EVALUATION_SPEEDUP;
      return left.steps * each + (rate > 0 ? left.images / rate : 0);
    },
    progressDue: () => {
      const due = seconds() - reported >= PROGRESS_SECONDS;
      if (due) reported = seconds();
      return due;
    },
    checkpointDue: (every) => every === 0 || seconds() - saved >= Math.max(every, SAVING_RATIO * savingTook),
  };
}
