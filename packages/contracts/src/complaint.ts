/** What is wrong with a value, and where. */
import type { z } from 'zod';

/** A complaint about a value: its path from the root, and what is wrong. */
export type Complaint = { path: string[]; message: string };

/** A path as an RFC 6901 pointer: `['space', 'model.width']` is `/space/model.width`. */
export const jsonPointer = (path: readonly string[]): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A complaint whose place is an RFC 6901 pointer, as the API answers it. */
export type PointerComplaint = { pointer: string; detail: string };

/** Maximum number of complaints that a user sees at once. */
const MAX_COMPLAINTS = 20;
/** Maximum length of a pointer or a text: a key of the user may be a megabyte. */
const MAX_LENGTH = 1000;

const cut = (text: string): string => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);

/** The first complaints with pointers, and the number of further ones. */
export function pointerComplaints(complaints: readonly Complaint[]): PointerComplaint[] {
  const shown = complaints
    .slice(0, MAX_COMPLAINTS)
    .map(({ path, message }) => ({ pointer: cut(jsonPointer(path)), detail: cut(message) }));
  const rest = complaints.length - shown.length;
  return rest > 0 ? [...shown, { pointer: '', detail: `and ${rest} more` }] : shown;
}

type Issue = z.core.$ZodIssue;

/**
 * zod's issues as complaints, each at the innermost path that is known to be wrong. Each unknown key is a complaint of
 * its own. If a value matches no branch of a union, the complaints are those of the branch that matched furthest.
 */
export const zodComplaints = (error: z.core.$ZodError, root: readonly string[] = []): Complaint[] =>
  error.issues.flatMap((issue) => issueComplaints(issue, [...root]));

function issueComplaints(issue: Issue, root: string[]): Complaint[] {
  const path = [...root, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key "${key}"` }));
  if (issue.code === 'invalid_key')
    return [{ path, message: issue.issues.map(({ message }) => message).join('; ') || issue.message }];
  if (issue.code === 'invalid_union') {
    const furthest = furthestBranch(issue.errors);
    if (furthest !== undefined) return furthest.flatMap((inner) => issueComplaints(inner, path));
  }
  return [{ path, message: issue.message }];
}

const depth = (issue: Issue): number =>
  issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0) + (issue.code === 'invalid_union' ? 0.5 : 0);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Number of complaints. */
const size = (branch: readonly Issue[]): number =>
  sum(branch.map((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1)));

/** The branch with the deepest complaint, and of these the one with the fewest; undefined if every branch rejects the value as a whole. */
function furthestBranch(branches: readonly Issue[][]): Issue[] | undefined {
  const reach = (branch: readonly Issue[]): number => Math.max(0, ...branch.map(depth));
  const [best] = [...branches].sort((a, b) => reach(b) - reach(a) || size(a) - size(b));
  return best !== undefined && reach(best) > 0 ? best : undefined;
}
