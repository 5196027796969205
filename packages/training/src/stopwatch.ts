/** Times of one attempt: how fast it is, what is left, when to tell and when to save. Nothing here touches what is computed. */
const PROGRESS_SECONDS = 1;
/** Saving takes at most one part in so many. */
const SAVING_SHARE = 20;
/** How much faster an image is evaluated than trained on, until it has been measured: there is no backward pass. */
const EVALUATION_SPEEDUP = 3;

export type Stopwatch = {
  /** Steps taken. */
  readonly steps: number;
  /** Time what the next step waits for: its batch. */
  waiting<T>(wait: () => Promise<T>): Promise<T>;
  /** Time one training step over so many samples; what it waited for is part of it. */
  step<T>(samples: number, train: () => T): T;
  /** Time the writing of a checkpoint. */
  saving<T>(save: () => Promise<T>): Promise<T>;
  /** Samples per second of training steps; the first, which compiles, does not count once there are others. 0 before the first. */
  samplesPerSecond(): number;
  /** Time the evaluation of so many images. */
  evaluating<T>(images: number, evaluate: () => T): T;
  /** Seconds that so many steps, with checkpoints as they came so far, and the evaluation of so many images will take. */
  secondsFor(left: { steps: number; images: number }): number;
  /** Whether progress should be told; true about once a second. */
  progressDue(): boolean;
  /** Whether a checkpoint is due that is to be written every so many seconds; 0 is after every step. */
  checkpointDue(everySeconds: number): boolean;
};

const seconds = (): number => performance.now() / 1000;

export function startStopwatch(): Stopwatch {
  let steps = 0;
  let first = { samples: 0, seconds: 0 };
  let rest = { samples: 0, seconds: 0 };
  let afterFirst = seconds();
  let told = Number.NEGATIVE_INFINITY;
  let saved = seconds();
  let savingTook = 0;
  let waited = 0;
  let evaluated = { images: 0, seconds: 0 };

  const samplesPerSecond = () => {
    const counted = rest.samples > 0 ? rest : first;
    return counted.samples === 0 ? 0 : counted.samples / counted.seconds;
  };

  return {
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
      evaluated = { images: evaluated.images + images, seconds: evaluated.seconds + seconds() - start };
      return result;
    },
    samplesPerSecond,
    secondsFor: (left) => {
      const each = steps > 1 ? (seconds() - afterFirst - evaluated.seconds) / (steps - 1) : first.seconds;
      const rate =
        evaluated.images > 0 ? evaluated.images / evaluated.seconds : samplesPerSecond() * EVALUATION_SPEEDUP;
      return left.steps * each + (rate > 0 ? left.images / rate : 0);
    },
    progressDue: () => {
      const due = seconds() - told >= PROGRESS_SECONDS;
      if (due) told = seconds();
      return due;
    },
    checkpointDue: (every) => every === 0 || seconds() - saved >= Math.max(every, SAVING_SHARE * savingTook),
  };
}
