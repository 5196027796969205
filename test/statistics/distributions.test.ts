import assert from 'node:assert/strict';
import test from 'node:test';
import {
  fisherCdf,
  fisherQuantile,
  fisherSurvival,
  incompleteGamma,
  logGamma,
  noncentralSurvival,
  normalCdf,
  normalQuantile,
  normalSurvival,
  studentCdf,
  studentCritical,
  studentQuantile,
  studentSurvival,
  studentTwoSided,
} from '@ablate/statistics';
import fc from 'fast-check';
import { close } from './close.ts';
import { reference } from './reference.ts';

test("Student's t: two-sided p as by mpmath, to 12 digits down to 1e-290", () => {
  for (const [t, freedom, p] of reference.student)
    if (p > 1e-290) close(studentTwoSided(t, freedom), p, 1e-12, `t ${t}, ${freedom} degrees of freedom`);
});

test("Student's t: critical values as in SciPy", () => {
  for (const [alpha, freedom, critical] of reference.studentCritical)
    close(studentCritical(alpha, freedom), critical, 1e-11, `alpha ${alpha}, ${freedom} degrees of freedom`);
});

/** P(|T| ≤ t) for whole degrees of freedom: Abramowitz and Stegun 26.7.3 and 26.7.4. */
function closedForm(t: number, freedom: number): number {
  const angle = Math.atan2(t, Math.sqrt(freedom));
  const square = Math.cos(angle) ** 2;
  const odd = freedom % 2;
  let [term, sum] = [odd ? Math.cos(angle) : 1, 0];
  for (let j = odd + 1; j < freedom; j += 2) {
    sum += term;
    term *= (square * j) / (j + 1);
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

test("Student's t agrees with the closed form for whole degrees of freedom", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 1e-6, max: 50, noNaN: true }), (freedom, t) => {
      close(1 - studentTwoSided(t, freedom), closedForm(t, freedom), 0, `t ${t}, ${freedom}`, 2e-13);
    }),
  );
});

test("Student's t: quantiles undo the distribution function, from 1e-12 to 1 - 1e-12", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }),
      fc.double({ min: 0.5, max: 1e6, noNaN: true }),
      (p, freedom) => close(studentCdf(studentQuantile(p, freedom), freedom), p, 1e-9, `p ${p}, ${freedom}`),
    ),
  );
  assert.ok(studentQuantile(0.5, 3) === 0);
  close(studentCritical(0.05, 1e9), 1.959963984540054, 1e-8, 'a billion degrees of freedom');
  close(studentCritical(0.05, Number.POSITIVE_INFINITY), 1.959963984540054, 1e-12, 'infinitely many');
});

test('F as by mpmath and SciPy', () => {
  for (const [f, d1, d2, p] of reference.fisher) {
    close(fisherSurvival(f, d1, d2), p, 1e-11, `F ${f} (${d1}, ${d2})`);
    close(fisherCdf(f, d1, d2), 1 - p, 1e-11, `F ${f} (${d1}, ${d2})`, 1e-15);
  }
  for (const [p, d1, d2, f] of reference.fisherQuantile) close(fisherQuantile(p, d1, d2), f, 1e-10, `${p} ${d1} ${d2}`);
});

test('F with one degree of freedom above is the square of t', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.01, max: 30, noNaN: true }), (freedom, t) =>
      close(fisherSurvival(t * t, 1, freedom), studentTwoSided(t, freedom), 1e-11, `${t} ${freedom}`),
    ),
  );
});

test('normal, log gamma and incomplete gamma as by mpmath and SciPy', () => {
  for (const [x, p] of reference.normal) close(normalSurvival(x), p, 1e-13, `normal ${x}`);
  for (const [p, x] of reference.normalQuantile) close(normalQuantile(p), x, 1e-12, `normal quantile ${p}`, 1e-15);
  for (const [z, log] of reference.logGamma) close(logGamma(z), log, 1e-13, `log gamma ${z}`, 1e-14);
  for (const [a, x, lower, upper] of reference.gamma) {
    close(incompleteGamma(a, x).lower, lower, 1e-12, `P(${a}, ${x})`);
    close(incompleteGamma(a, x).upper, upper, 1e-12, `Q(${a}, ${x})`);
  }
});

test('noncentral t as in SciPy, to 1e-9', () => {
  for (const [t, freedom, shift, p] of reference.noncentral)
    close(noncentralSurvival(t, freedom, shift), p, 0, `t ${t}, ${freedom}, shift ${shift}`, 1e-9);
});

test('arguments out of range give NaN or the limit, never an endless search', () => {
  assert.ok(Number.isNaN(studentTwoSided(1, 0)));
  assert.ok(Number.isNaN(studentTwoSided(Number.NaN, 3)));
  assert.ok(Number.isNaN(studentCritical(0.05, 0)));
  assert.ok(Number.isNaN(studentQuantile(2, 3)));
  assert.ok(Number.isNaN(fisherSurvival(1, 0, 3)));
  assert.ok(Number.isNaN(normalQuantile(-1)));
  assert.equal(studentTwoSided(0, 3), 1);
  assert.equal(studentTwoSided(Number.POSITIVE_INFINITY, 3), 0);
  assert.equal(studentTwoSided(1e200, 3), 0);
  assert.equal(studentSurvival(Number.NEGATIVE_INFINITY, 3), 1);
  assert.equal(studentCritical(0, 3), Number.POSITIVE_INFINITY);
  assert.equal(studentCritical(1, 3), 0);
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
  assert.equal(fisherQuantile(0, 2, 3), 0);
  assert.equal(normalCdf(Number.NEGATIVE_INFINITY), 0);
  assert.equal(fisherSurvival(Number.POSITIVE_INFINITY, 2, 3), 0);
});
