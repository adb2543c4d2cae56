/** The part of the work that an estimate is made of: its last half, but not less than this many milliseconds. */
const LEAST_WINDOW = 10_000;

/** Before so much of the work was watched, an estimate would jump. */
const LEAST_WATCHED = 2000;

/**
 * How long work still takes, by how fast it went of late. What comes before its first step is done (loading, compiling) and
 * that step itself, which is slower than others, do not count.
 */
export class Pace {
  /** Steps in the window: when so many were done. */
  readonly #steps: { readonly at: number; readonly done: number }[] = [];
  #before: number | undefined;
  #began = 0;

  /** So many are done at a time in milliseconds. */
  at(at: number, done: number): void {
    const grew = this.#before !== undefined && done > this.#before;
    this.#before = done;
    if (!grew) return;
    const steps = this.#steps;
    const last = steps.at(-1);
    if (!last) this.#began = at;
    // Of thousands of steps a second some suffice.
    if (last && steps.length > 2 && at - last.at < 50) steps.pop();
    steps.push({ at, done });
    const from = at - Math.max(LEAST_WINDOW, (at - this.#began) / 2);
    while (steps.length > 2 && steps[1].at <= from) steps.shift();
  }

  /** Milliseconds from `now` until `total` are done; undefined while that cannot be told. */
  left(now: number, total: number): number | undefined {
    const [first, last] = [this.#steps.at(0), this.#steps.at(-1)];
    if (!first || !last || last.done === first.done || now - this.#began < LEAST_WATCHED) return undefined;
    const each = (last.at - first.at) / (last.done - first.done);
    return Math.max(0, each * (total - last.done) - (now - last.at));
  }
}
