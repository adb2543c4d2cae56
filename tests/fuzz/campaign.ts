import { writeSync } from 'node:fs';
import type { Coverage } from './coverage.ts';
import type { Format } from './format.ts';
import { complaint } from './judge.ts';
import { type Material, mutant } from './mutate.ts';
import { dice } from './random.ts';

/** A file that shows a bug. */
export interface Finding {
  readonly format: string;
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface CampaignOptions {
  readonly seed: number;
  /** The first mutant's number; those before it were tried by an earlier process. */
  readonly from?: number;
  /** Whether to go on. */
  readonly more: (tried: number) => boolean;
  readonly found: (finding: Finding) => void;
  /** Without it, mutants are made of the seeds alone. */
  readonly coverage?: Coverage | undefined;
  /** A file that always holds what is being tried, for when the process does not survive it. */
  readonly trace?: number | undefined;
  /** Hears of it after each round. */
  readonly tell?: ((state: CampaignState) => Promise<void>) | undefined;
}

export interface CampaignState {
  readonly tried: number;
  /** Files that mutants are made of: the seeds, and mutants that reached new code. */
  readonly corpus: number;
}

/** Mutants between two looks at the coverage, which take some milliseconds: the fewer find something new, the rarer. */
const ROUND = { least: 50, most: 2000, ms: 1000 };
const MOST_CORPUS = 4000;

/** Tries mutants of a format's files until there is no `more`. All follow from the seed, the number and what earlier ones reached. */
export async function campaign(format: Format, options: CampaignOptions): Promise<CampaignState> {
  const { seed, from = 0, more, found, coverage, trace, tell } = options;
  const corpus: Uint8Array[] = [...format.seeds];
  for (const bytes of corpus) await tried(format, bytes, options);
  coverage?.fresh();
  let count = from;
  let size = ROUND.least;
  while (more(count - from)) {
    const round: Uint8Array[] = [];
    const began = performance.now();
    for (let i = 0; i < size && more(count - from); i++, count++) {
      const bytes = made(format, corpus, seed, count);
      if (trace !== undefined) note(trace, count, bytes);
      await tried(format, bytes, { found });
      round.push(bytes);
    }
    const fresh = coverage?.fresh();
    const isNew = fresh !== undefined && fresh.size > 0;
    size = isNew ? ROUND.least : performance.now() - began > ROUND.ms ? size : Math.min(2 * size, ROUND.most);
    if (coverage && isNew && corpus.length < MOST_CORPUS) {
      const again = (bytes: Uint8Array) => {
        if (trace !== undefined) note(trace, count - 1, bytes);
        return complaint(format, bytes.slice());
      };
      const kept = await reaching(fresh, round, coverage, again);
      corpus.push(...kept.slice(0, 4));
    }
    await tell?.({ tried: count - from, corpus: corpus.length });
  }
  return { tried: count - from, corpus: corpus.length };
}

async function tried(
  format: Format,
  bytes: Uint8Array,
  { found }: Pick<CampaignOptions, 'found'>,
): Promise<void> {
  const what = await complaint(format, bytes.slice());
  if (what !== undefined) found({ format: format.name, what, bytes });
}

/** Mutants are made of recent files rather than of old ones, half of the time. */
function made(
  { name, structure, words = [] }: Format,
  corpus: readonly Uint8Array[],
  seed: number,
  count: number,
) {
  const draws = dice(seed, name, count);
  const recent = corpus.slice(-32);
  const file = draws.chance(0.5) ? draws.pick(recent) : draws.pick(corpus);
  const material: Material = { file, other: draws.pick(corpus), structure, words };
  return mutant(material, draws);
}

/** Those of a round that reach new code, found by trying halves again. */
async function reaching(
  pieces: ReadonlySet<string>,
  round: readonly Uint8Array[],
  coverage: Coverage,
  again: (bytes: Uint8Array) => Promise<unknown>,
): Promise<readonly Uint8Array[]> {
  for (const bytes of round) await again(bytes);
  if (!coverage.reached(pieces)) return [];
  if (round.length === 1) return round;
  const half = round.length >> 1;
  return [
    ...(await reaching(pieces, round.slice(0, half), coverage, again)),
    ...(await reaching(pieces, round.slice(half), coverage, again)),
  ];
}

/** How often something was tried; that it goes on shows that the process is alive. */
let tries = 0;

/** Writes down what is about to be tried: its number, its length and the tries so far, then the bytes. */
function note(trace: number, count: number, bytes: Uint8Array): void {
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setFloat64(0, count);
  view.setUint32(8, bytes.length);
  view.setUint32(12, ++tries);
  writeSync(trace, head, 0, 16, 0);
  writeSync(trace, bytes, 0, bytes.length, 16);
}
