export { type Api, all, ofSweepOrRun, openApi, Unreachable } from './client.ts';
export { followEvents } from './follow-events.ts';
