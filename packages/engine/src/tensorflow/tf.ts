/** The one place that tf.js is imported from: every other module takes `tf` from here. */
import './load.ts';

export * as tf from '@tensorflow/tfjs-node-gpu';
