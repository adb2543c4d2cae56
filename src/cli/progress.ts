import { count, duration } from '../common/format.ts';
import type { ProgressEvent } from '../verbs/verb.ts';
import { loudness } from './loudness.ts';
import { Pace } from './pace.ts';
import { erase, toStderr } from './terminal.ts';

/** How far a long run is, on the last line of a terminal; silent where stderr is none, and for a single step. */
export class Progress {
  readonly #what: string;
  readonly #pace = new Pace();
  #last = Number.NEGATIVE_INFINITY;

  /** `what` is counted: `photos`. */
  constructor(what: string) {
    this.#what = what;
  }

  /** So many are done. `more` is shown after it, as far as there is room. */
  at(done: number, total: number, more: () => readonly string[] = () => []): void {
    const now = performance.now();
    this.#pace.at(now, done);
    // Ten times a second is as much as anyone reads.
    if (!process.stderr.isTTY || loudness() === 'quiet' || total < 2 || now - this.#last < 100) return;
    this.#last = now;
    const width = 24;
    const full = Math.round((done / total) * width);
    const bar = `${'━'.repeat(full)}${'╌'.repeat(width - full)}`;
    const left = this.#pace.left(now, total);
    const estimate = left === undefined ? '' : ` · ${duration(left)} left`;
    const line = `${bar} ${count(done)} of ${count(total)} ${this.#what}${estimate}`;
    erase('line');
    toStderr(withMore(line, more(), process.stderr.columns || 80));
  }

  /** Takes the line away, for other output or for good. */
  clear(): void {
    if (process.stderr.isTTY) erase('line');
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

/** The progress that a verb tells of, whatever it counts. */
export class EventProgress {
  #what = '';
  #bar: Progress | undefined;

  on({ what, done, total }: ProgressEvent): void {
    if (what !== this.#what) {
      this.clear();
      this.#bar = new Progress(what);
      this.#what = what;
    }
    this.#bar?.at(done, total);
  }

  /** Takes the line away, for other output or for good. */
  clear(): void {
    this.#bar?.clear();
  }
}

/** A line that is broken by the terminal could not be taken away. */
const withMore = (line: string, more: readonly string[], columns: number): string =>
  more.reduce((all, each) => (all.length + each.length + 3 < columns ? `${all} · ${each}` : all), line);

/** What a training shows behind its bar: images per second, and the loss with the course that it took. */
export class TrainingProgress {
  readonly #bar: Progress;
  readonly #total: number;
  readonly #images: number;
  readonly #losses: number[] = [];
  #before: { iteration: number; at: number };
  #speed = 0;

  /** From one iteration to another, with so many images in each. */
  constructor(from: number, total: number, images: number) {
    this.#bar = new Progress('iterations');
    this.#bar.at(from, total);
    this.#total = total;
    this.#images = images;
    this.#before = { iteration: from, at: performance.now() };
  }

  /** So many iterations are done; `loss` is the smoothed one. */
  at(iteration: number, loss: number): void {
    this.#losses.push(loss);
    if (this.#losses.length > 2 * kept) this.#losses.splice(0, kept);
    const now = performance.now();
    const { iteration: before, at } = this.#before;
    // Over a few seconds: single iterations differ.
    if (now - at > 3000 || this.#speed === 0) {
      this.#speed = ((iteration - before) * this.#images) / ((now - at) / 1000);
      this.#before = { iteration, at: now };
    }
    this.#bar.at(iteration, this.#total, () => [
      `loss ${loss.toPrecision(4)}`,
      `${Number(this.#speed.toPrecision(3))} images/s`,
      sparkline(this.#losses.slice(-kept), 12),
    ]);
  }

  /** Takes the line away, for other output or for good. */
  clear(): void {
    this.#bar.clear();
  }
}

/** How many losses the sparkline is of. */
const kept = 240;

const blocks = '▁▂▃▄▅▆▇█';

/** The course of numbers as at most `width` blocks, each as high as the mean of its share of them. */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  const bins = Math.min(width, finite.length);
  const means = Array.from({ length: bins }, (_, i) => {
    const share = finite.slice(
      Math.floor((i * finite.length) / bins),
      Math.floor(((i + 1) * finite.length) / bins),
    );
    return share.reduce((sum, x) => sum + x, 0) / share.length;
  });
  const least = Math.min(...means);
  const range = Math.max(...means) - least;
  return means
    .map((x) => blocks[range > 0 ? Math.round(((x - least) / range) * (blocks.length - 1)) : 0])
    .join('');
}
