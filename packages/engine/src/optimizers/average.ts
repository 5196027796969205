/** Exponential moving average of weights (and of batch norm's statistics), as timm's ModelEma. */
import { tf } from '../tensorflow/tf.ts';

export type Average = {
  slots: Map<string, tf.Variable>;
  /** Move every average towards its variable: a <- decay·a + (1 - decay)·w. */
  update(): void;
  /** Run `f` while the variables have the values of their averages. */
  during<T>(f: () => T): T;
};

/** Averages that start as copies of `variables`. */
export function movingAverage(variables: Map<string, tf.Variable>, decay: number): Average {
  const pairs = [...variables].map(([name, variable]) => ({
    name,
    variable,
    average: tf.tidy(() => tf.variable(tf.mul(variable, 1), false)),
  }));
  return {
    slots: new Map(pairs.map(({ name, average }) => [`ema/${name}`, average])),
    update() {
      for (const { variable, average } of pairs)
        average.assign(tf.add(tf.mul(average, decay), tf.mul(variable, 1 - decay)));
    },
    during(f) {
      const own = pairs.map(({ variable }) => tf.keep(tf.clone(variable)));
      try {
        for (const { variable, average } of pairs) variable.assign(tf.clone(average));
        return f();
      } finally {
        pairs.forEach(({ variable }, index) => {
          const value = own[index];
          if (!value) return;
          variable.assign(value);
          value.dispose();
        });
      }
    },
  };
}
