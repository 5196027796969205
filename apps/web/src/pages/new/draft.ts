/** What was written and not submitted: a reload keeps it, another tab has its own. */

const key = (template: string | undefined): string => `ablate:draft:${template ?? ''}`;

export const draftOf = (template: string | undefined): string | null => sessionStorage.getItem(key(template));

/** Keeps the text, or forgets it if it is null. */
export function keepDraft(template: string | undefined, text: string | null): void {
  if (text === null) sessionStorage.removeItem(key(template));
  else sessionStorage.setItem(key(template), text);
}
