/** Fair shares between owners by deficit round robin: M. Shreedhar, G. Varghese, "Efficient Fair Queuing Using Deficit Round Robin", SIGCOMM 1995. */

export type Share<Job> = {
  name: string;
  /** Runs per run of an owner with weight 1. */
  weight: number;
  /** Runs that the current visit may still dispatch; at least 1 only during a visit. */
  deficit: number;
  /** Number of the last visit. */
  turn: number;
  /** Runs that may be dispatched before the owner's limit is reached. */
  room: number;
  /** Waiting jobs, in the owner's order. */
  jobs: readonly Job[];
};

/**
 * Chooses `room` jobs, of each owner in proportion to its weight. The owner with the oldest visit comes first; a visit that runs
 * out of room continues in the next call. Returns the jobs in order, and the owners' new state.
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
  // An owner without waiting jobs keeps no credit.
  for (const owner of state) if (owner.left.length === 0) owner.deficit = 0;
  return { jobs, state: state.map(({ name, deficit, turn: last }) => ({ name, deficit, turn: last })) };
}
