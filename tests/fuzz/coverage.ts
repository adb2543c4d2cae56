import { type Profiler, Session } from 'node:inspector';

/** What of limn has run since it was asked last. */
export interface Coverage {
  /** The pieces of code that ran since the last call, and had never run before it. */
  fresh(): ReadonlySet<string>;
  /** Whether any of these pieces ran since the last call. */
  reached(pieces: ReadonlySet<string>): boolean;
  /** Pieces of code that have run so far. */
  readonly size: number;
}

/**
 * Follows which blocks of code run, as V8 counts them: an input that reaches a block that none did before is worth mutating
 * further. `belongs` says of a script's address whether it counts.
 */
export function startCoverage(belongs: (url: string) => boolean): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();
  function* ran(): Generator<string> {
    for (const { scriptId, url, functions } of taken(session)) {
      if (!belongs(url)) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0) yield `${scriptId}:${startOffset}:${endOffset}`;
    }
  }
  return {
    fresh() {
      const fresh = new Set<string>();
      for (const piece of ran()) if (!seen.has(piece)) fresh.add(piece);
      for (const piece of fresh) seen.add(piece);
      return fresh;
    },
    reached(pieces) {
      let some = false;
      for (const piece of ran()) some ||= pieces.has(piece);
      return some;
    },
    get size() {
      return seen.size;
    },
  };
}

/** Counts since the last call. V8 answers at once. */
function taken(session: Session): readonly Profiler.ScriptCoverage[] {
  let result: readonly Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, answer) => {
    if (error) throw error;
    result = answer.result;
  });
  return result;
}
