/** Whose turn it is. Deficit round robin: M. Shreedhar, G. Varghese, "Efficient Fair Queuing Using Deficit Round Robin", SIGCOMM 1995. */

export type Share<Job> = {
  name: string;
  /** Runs that it gets for each run of an owner of weight 1. */
  weight: number;
  /** Runs that may still be handed out in the visit under way; 1 or more only in its midst. */
  deficit: number;
  /** Number of its last visit. */
  turn: number;
  /** Runs that may be handed out before its limit is reached. */
  room: number;
  /** What waits, in its own order. */
  jobs: readonly Job[];
};

/**
 * Hand out `room` jobs, each owner in proportion to its weight while it has any. Whoever was last visited longest ago comes
 * first; a visit that ends for want of room goes on the next time. Returns the jobs in order, and the owners' new state.
 */
export function deficitRoundRobin<Job>(
  owners: readonly Share<Job>[],
  room: number,
): { jobs: Job[]; state: { name: string; deficit: number; turn: number }[] } {
  const state = owners.map(({ name, deficit, turn, weight, room: own, jobs }) => ({
    ...{ name, deficit, turn, weight },
    left: jobs.slice(0, Math.max(0, own)),
  }));
  const underVisit = ({ deficit }: { deficit: number }): number => (deficit >= 1 ? 0 : 1);
  const line = state
    .filter(({ left }) => left.length > 0)
    .sort((a, b) => underVisit(a) - underVisit(b) || a.turn - b.turn || (a.name < b.name ? -1 : 1));
  const lightest = Math.min(...line.map(({ weight }) => weight));
  let turn = Math.max(0, ...owners.map((owner) => owner.turn));

  const jobs: Job[] = [];
  for (let owner = line.shift(); owner !== undefined && jobs.length < room; owner = line.shift()) {
    if (owner.deficit < 1) {
      owner.deficit += owner.weight / lightest;
      owner.turn = ++turn;
    }
    const served = owner.left.splice(0, Math.min(Math.floor(owner.deficit), room - jobs.length));
    jobs.push(...served);
    owner.deficit -= served.length;
    if (owner.left.length > 0) line.push(owner);
  }
  // Who has nothing to hand out saves nothing up.
  for (const owner of state) if (owner.left.length === 0) owner.deficit = 0;
  return { jobs, state: state.map(({ name, deficit, turn: last }) => ({ name, deficit, turn: last })) };
}
