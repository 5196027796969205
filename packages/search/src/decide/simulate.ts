/** A search with simulated workers: for tests, benches and plans. */
import type { Decision, HistoryEntry } from '@ablate/contracts';
import { openSearch, type Problem } from './decide.ts';
import type { LoggedDecision } from './log.ts';

/** A run to train, with the axes of its config where a decision named it. */
export type Task = Extract<Decision, { kind: 'train' }> & { axes: Readonly<Record<string, unknown>> };

export type Workers = {
  count: number;
  /** The result of a run as far as it is trained; null for a failure. */
  resultOf(task: Task): number | null;
  secondsOf(task: Task): number;
  /** Results are committed as they come, or in the order in which their runs were asked for: then decisions do not depend on speed. */
  commit: 'completed' | 'asked';
};

export type Simulation = { history: HistoryEntry[]; log: LoggedDecision[]; seconds: number };

/**
 * Runs a search to its end. A free worker takes the oldest run that waits.
 * @param begun a history from which it goes on, such as one that was cut off: runs without a result are trained
 */
export function simulate(problem: Problem, workers: Workers, begun: readonly HistoryEntry[] = []): Simulation {
  const search = openSearch(problem);
  const history: HistoryEntry[] = [];
  const log: LoggedDecision[] = [];
  const waiting = new Map<number, Task>();
  const running: { task: Task; until: number }[] = [];
  const done = new Map<number, Task>();
  const axes = new Map<number, Task['axes']>();
  /** Runs without a committed result, in the order in which they were asked for. */
  const asked: number[] = [];
  let now = 0;

  const note = (entry: HistoryEntry): void => {
    history.push(entry);
    if ('decision' in entry) {
      const { decision } = entry;
      if (decision.kind === 'config') axes.set(decision.config, decision.axes);
      if (decision.kind === 'train') {
        waiting.set(decision.run, { ...decision, axes: axes.get(decision.config) ?? {} });
        asked.push(decision.run);
      }
    }
    if ('result' in entry) {
      waiting.delete(entry.result.run);
      asked.splice(asked.indexOf(entry.result.run), 1);
    }
  };
  const decide = (): void => {
    for (const logged of search.decide()) {
      log.push(logged);
      note({ decision: logged.decision });
    }
  };
  const commit = (task: Task): void => {
    done.delete(task.run);
    const entry: HistoryEntry = { result: { run: task.run, value: workers.resultOf(task) } };
    search.add(entry);
    note(entry);
    decide();
  };

  for (const entry of begun) {
    search.add(entry);
    note(entry);
  }
  decide();
  for (;;) {
    for (const [run, task] of waiting) {
      if (running.length >= workers.count) break;
      waiting.delete(run);
      running.push({ task, until: now + workers.secondsOf(task) });
    }
    const next = running.reduce<{ task: Task; until: number } | null>(
      (a, b) => (a && a.until <= b.until ? a : b),
      null,
    );
    if (!next) break;
    running.splice(running.indexOf(next), 1);
    now = next.until;
    if (workers.commit === 'completed') commit(next.task);
    else {
      done.set(next.task.run, next.task);
      for (let first = done.get(asked[0] ?? -1); first; first = done.get(asked[0] ?? -1)) commit(first);
    }
  }
  return { history, log, seconds: now };
}
