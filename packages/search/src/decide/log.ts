/** The history of a search: what was committed, in order, and the hash that names everything before an entry. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Decision, type HistoryEntry } from '@ablate/contracts';

/** A decision, and the hash of all that it depends on: the search and every entry before. */
export type LoggedDecision = { inputs: string; decision: Decision };

/** A method of search: state from the entries of a history, and the next decision. */
export type Deciding = {
  add(entry: HistoryEntry): void;
  /** The next decision; null while there is none before more results. */
  next(): Decision | null;
};

const chain = (before: string, value: unknown): string =>
  createHash('sha256')
    .update(`${before}\n${canonicalJson(value)}`)
    .digest('hex');

/** A search that is open: entries of its history go in, decisions come out. */
export type OpenSearch = {
  /** Takes the next entry of the history. */
  add(entry: HistoryEntry): void;
  /** The decisions that follow from the history so far; they are entries of it from now on. */
  decide(): LoggedDecision[];
};

/** @param identity of the search: its spec and code, as JSON */
export function openLog(method: Deciding, identity: unknown): OpenSearch {
  let hash = chain('', identity);
  const add = (entry: HistoryEntry): void => {
    method.add(entry);
    hash = chain(hash, entry);
  };
  return {
    add,
    decide() {
      const decisions: LoggedDecision[] = [];
      for (let decision = method.next(); decision !== null; decision = method.next()) {
        decisions.push({ inputs: hash, decision });
        add({ decision });
      }
      return decisions;
    },
  };
}
