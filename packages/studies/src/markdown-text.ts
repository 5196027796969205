/** The structure of a Markdown text: its title, paragraphs that begin with a bold name, and the table of each section. */

/** Rows by the heads of the columns. */
export type MarkdownTable = Record<string, string>[];

export type MarkdownText = {
  title: string;
  /** `**Name.** text` as text by name; lines of one paragraph are joined. */
  fields: Map<string, string>;
  /** The table of each `## Section`. */
  tables: Map<string, MarkdownTable>;
};

const cells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));

function tableOf(lines: readonly string[]): MarkdownTable {
  const [head = '', , ...rows] = lines;
  const names = cells(head);
  return rows.map((row) => {
    const values = cells(row);
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  });
}

export function readMarkdown(markdown: string): MarkdownText {
  const fields = new Map<string, string>();
  const tables = new Map<string, MarkdownTable>();
  let title = '';
  let section = '';
  for (const part of markdown.replaceAll('\r\n', '\n').split(/\n(?:[ \t]*\n)+|\n(?=#)|(?<=^#+ [^\n]*)\n/m)) {
    const lines = part
      .trim()
      .split('\n')
      .map((line) => line.trim());
    const [first = ''] = lines;
    const [, heading] = /^## (.+)$/.exec(first) ?? [];
    const [, name, text = ''] = /^\*\*([^*]+?)\.?\*\*\s*(.*)$/s.exec(lines.join(' ')) ?? [];
    if (/^# /.test(first)) title = first.slice(2).trim();
    else if (heading !== undefined) section = heading.trim();
    else if (first.startsWith('|')) tables.set(section, tableOf(lines));
    else if (name !== undefined) fields.set(name, text);
  }
  return { title, fields, tables };
}
