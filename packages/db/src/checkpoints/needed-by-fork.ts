/** SQL: whether a run that is not finished starts from the checkpoint of this id. */
export const neededByFork = (id: string): string =>
  `EXISTS (SELECT FROM run fork WHERE fork.forked_checkpoint = ${id} AND fork.state IN ('queued', 'running'))`;
