/** The rungs of a search: how long configs are trained, and with how many seeds, before the better ones go on. */

/** Configs are compared at equal numbers of samples seen: `samples` of training images, and the mean over `seeds`. */
export type Rung = { samples: number; seeds: number };

/** How long a config trains: its epochs, training images in each, and the fewest epochs after which it can be judged. */
export type Length = { epochs: number; images: number; leastEpochs: number };

/** What the runs of a search may cost, known before they run. */
export type RunBudget = { runs?: number | undefined; epochs?: number | undefined; samplesSeen?: number | undefined };

/** Epochs after which a config stops at a rung: the first that reach its samples. */
export const epochsAt = (rung: Rung, { epochs, images, leastEpochs }: Length): number =>
  Math.min(epochs, Math.max(leastEpochs, Math.ceil(rung.samples / images - 1e-9)));

/** Seeds of the last rung. */
const LAST_SEEDS = 3;
/** Rungs of part of the training. */
const PARTS = 2;

/** Without the rungs at which a config stops after as many epochs as at the next one. */
const distinctRungs = (rungs: readonly Rung[], longest: Length): Rung[] =>
  rungs.filter((rung, i) => i === rungs.length - 1 || epochsAt(rung, longest) < epochsAt(rungs[i + 1]!, longest));

/** How often a share 1/η of so many configs leaves one at least; once, if it never does. Counted by multiplying: logarithms round 3⁵ to less. */
function promotionsOf(configs: number, eta: number): number {
  let promotions = 0;
  for (let left = eta; left <= Math.min(configs, Number.MAX_SAFE_INTEGER); left *= eta) promotions++;
  return Math.max(1, promotions);
}

/**
 * (R/η², 1) → (R/η, 1) → (R, 1) → (R, 3) for a longest config that sees R samples. If no part of the training is left, seeds are added one by one. Of so few configs that
 * the last rung would get none, the first rungs are left out.
 */
export function rungsOf(longest: Length, eta: number, configs: number): Rung[] {
  const whole = longest.epochs * longest.images;
  const parts = Array.from({ length: PARTS }, (_, i): Rung => ({ samples: whole / eta ** (PARTS - i), seeds: 1 }));
  const distinct = distinctRungs([...parts, { samples: whole, seeds: 1 }], longest);
  const seeds = distinct.length > 1 ? [LAST_SEEDS] : Array.from({ length: LAST_SEEDS - 1 }, (_, i) => i + 2);
  const rungs = [...distinct, ...seeds.map((count): Rung => ({ samples: whole, seeds: count }))];
  return rungs.slice(-1 - promotionsOf(configs, eta));
}

/** (R/ηˢ, 1) → … → (R/η, 1) → (R, `seeds`), from the first at which a config can be judged. Counted by multiplying: logarithms round 3⁵ to less. */
export function hyperbandRungs(longest: Length, eta: number, seeds: number): Rung[] {
  const whole = longest.epochs * longest.images;
  const rungs: Rung[] = [{ samples: whole, seeds }];
  for (let share = eta; share * longest.leastEpochs <= longest.epochs; share *= eta)
    rungs.unshift({ samples: whole / share, seeds: 1 });
  return rungs;
}

/** So many equal parts of the training on one seed, then the whole training on `seeds`. */
export function equalRungs(longest: Length, parts: number, seeds: number): Rung[] {
  const whole = longest.epochs * longest.images;
  const rungs = Array.from({ length: parts }, (_, i): Rung => ({ samples: (whole * (i + 1)) / parts, seeds: 1 }));
  return [...distinctRungs(rungs, longest), ...(seeds > 1 ? [{ samples: whole, seeds }] : [])];
}
