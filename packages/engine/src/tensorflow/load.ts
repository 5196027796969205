/** Loads the add-on once, in the only order that works: variables, what Node dropped, then TensorFlow itself. */
import { createRequire } from 'node:module';
import { quietly } from './chatter.ts';
import './util-compatibility.ts';
import './variables.ts';

quietly(() => createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu'));
