/** Preloaded into a process: its Date is off by `hours` (in the query), and jumps by a minute every 100 ms. */
const hours = Number(new URL(import.meta.url).searchParams.get('hours'));
const RealDate = Date;
const now = () => RealDate.now() + hours * 3_600_000 + (Math.floor(RealDate.now() / 100) % 2) * 60_000;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, self) => Reflect.construct(target, given.length === 0 ? [now()] : given, self),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
console.error('the clock is wrong');
