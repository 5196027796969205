/** Specs to start from: the studies that come with Ablate, read when the pages are built. */
const files: Record<string, string> = import.meta.glob('../../../../../studies/*/sweep*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const nameOf = (path: string): string => path.replace(/^.*studies\//, '').replace(/(\/sweep)?\.json$/, '');

function titleOf(text: string, name: string): string {
  const spec: unknown = JSON.parse(text);
  return typeof spec === 'object' && spec !== null && 'name' in spec && typeof spec.name === 'string'
    ? spec.name
    : name;
}

export const TEMPLATES = Object.entries(files)
  .map(([path, text]) => ({ name: nameOf(path), title: titleOf(text, nameOf(path)), text }))
  .sort((a, b) => Number(b.name === 'first-run') - Number(a.name === 'first-run') || a.name.localeCompare(b.name));
