/** What `npm start` shares with the command line. */
export { type Api, all, openApi, Refused, Unreachable } from './api/client.ts';
export { Failure } from './failure.ts';
export { openScreen, type Screen } from './screen.ts';
export { type AblationRow, ablation, formatAblation } from './sweep/ablation.ts';
export { baselineOf } from './sweep/baseline.ts';
export { type Watched, watchSweep } from './sweep/watch.ts';
