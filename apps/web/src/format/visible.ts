/** Text of users and programs with its control characters in sight: what is on a page must not hide or turn around what follows it. */

/** C0 but tab and line ends, DEL, C1, and the characters that embed or override a direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
const CONTROLS = /[\0-\b\v\f\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** The same where they are in JSON, which escapes those of C0. */
const IN_JSON = /\\u00|\\[bf]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** As on the terminal and in headlines: "\u001b[31mred" becomes "\uFFFD[31mred". */
const visible = (text: string): string => text.replace(CONTROLS, '\uFFFD');

/** The value of a JSON text, with the control characters of its texts in sight. @throws SyntaxError */
export const parseVisible = (json: string) =>
  JSON.parse(
    json,
    // Few answers have any: a function that sees each value would cost most of the time of parsing.
    IN_JSON.test(json) ? (_, value: unknown) => (typeof value === 'string' ? visible(value) : value) : undefined,
  );
