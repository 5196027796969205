/**
 * Loads the add-on once, in the only order that works: what Node dropped, TensorFlow's variables, then TensorFlow itself.
 * It is the only module of the engine that reads the environment when it is imported.
 */
import { createRequire } from 'node:module';
import { settings } from '../env.ts';
import { hasGpu } from '../gpu.ts';
import { quietly } from './chatter.ts';
import './util-compatibility.ts';
import { tensorflowVariables } from './variables.ts';

const { device, threads, home } = settings();
for (const [name, value] of Object.entries(tensorflowVariables({ device, threads, gpu: hasGpu() })))
  process.env[name] ??= value;

quietly(home, () => createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu'));
