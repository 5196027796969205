#!/usr/bin/env node
// Node runs TypeScript through tsx; only this file is plain JavaScript.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
