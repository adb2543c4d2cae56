import { count, duration } from './format.ts';

/** How far a long run is, on the last line of a terminal; silent where stderr is none, and for a single step. */
export class Progress {
  readonly #what: string;
  readonly #start = performance.now();
  #last = Number.NEGATIVE_INFINITY;

  /** `what` is counted: `photos`. */
  constructor(what: string) {
    this.#what = what;
  }

  /** So many are done. */
  at(done: number, total: number): void {
    const now = performance.now();
    // Ten times a second is as much as anyone reads.
    if (!process.stderr.isTTY || total < 2 || now - this.#last < 100) return;
    this.#last = now;
    const width = 24;
    const full = Math.round((done / total) * width);
    const bar = `${'━'.repeat(full)}${'╌'.repeat(width - full)}`;
    const left = done > 0 ? ` · ${duration(((now - this.#start) / done) * (total - done))} left` : '';
    process.stderr.write(`\r\x1b[2K${bar} ${count(done)} of ${count(total)} ${this.#what}${left}`);
  }

  /** Takes the line away, for other output or for good. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
