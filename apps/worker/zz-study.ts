import { readFileSync } from 'node:fs';
import { Spec } from '@ablate/contracts';
import { expand } from '@ablate/search';
import { fit } from './src/fit.ts';
const spec = Spec.parse(JSON.parse(readFileSync('studies/first-run.json', 'utf8')));
const e = expand(spec); if (!('points' in e)) throw new Error(JSON.stringify(e));
const environment = { code: 'x', lockfile: 'x', node: 'x', tensorflow: 'x', device: 'x', threads: 2 };
for (const i of process.argv.slice(2).map(Number)) {
  const p = e.points[i]!; const t = performance.now(); const c = process.cpuUsage();
  for await (const ev of fit({ type: 'train', runId: '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11', attempt: 1, config: p.config, seed: 1, folder: '/tmp/zz-study/' + i + process.pid, resume: [] }, { data: { folders: ['/work/shared/data'], cache: '/tmp/dh/cache' }, checkpointSeconds: 3600, environment, stop: new AbortController().signal })) {
    if (ev.type === 'metrics') console.log(i, ev.rows.map((r) => `${r.name} ${r.value.toPrecision(4)}`).join('  '));
    if (ev.type === 'finished' || ev.type === 'failed') { const u = process.cpuUsage(c); console.log(JSON.stringify(p.axes), JSON.stringify(ev), 'wall', (performance.now() - t) / 1000, 'cpu', (u.user + u.system) / 1e6); }
  }
}
