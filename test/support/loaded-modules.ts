import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { REPOSITORY } from '@ablate/files';

/** Paths, relative to the REPOSITORY, of all scripts that a new process loads to import `module`. Errors of the import are ignored: check that what must be loaded is. */
export async function loadedModules(module: string): Promise<string[]> {
  // The inspector reports ES modules and CommonJS. Entry points throw once loaded: they have no variables and no parent.
  const source = `
    import { Session } from 'node:inspector';
    const session = new Session();
    session.connect();
    const urls = [];
    session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
    session.post('Debugger.enable');
    await import(${JSON.stringify(module)}).catch(() => {});
    process.stdout.write('\\n' + JSON.stringify(urls), () => process.exit());`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', source],
    { cwd: REPOSITORY, env: { PATH: process.env.PATH, HOME: process.env.HOME }, maxBuffer: 2 ** 26 },
  );
  const urls: string[] = JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
  const paths = urls.map((url) => (url.startsWith('file:') ? fileURLToPath(url) : url)); // CommonJS has paths
  return paths.flatMap((path) => path.split(`${REPOSITORY}/`)[1] ?? []);
}
