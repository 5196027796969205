export { type Api, all, type EventFilter, openApi } from './client.ts';
export { Refused, Unreachable } from './errors.ts';
export { followEvents } from './follow-events.ts';
