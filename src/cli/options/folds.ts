import { failRequest } from '../../common/error.ts';
import { distinct } from '../../common/groups.ts';
import { quoted } from '../../common/quoted.ts';

/** Folds as people write them: `0-4`, `0,2`. */
export function foldList(text: string): number[] {
  const folds = text.split(',').flatMap((part) => {
    const match = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part);
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || to < from) failRequest('--folds', `expected 0-4 or 0,2, got ${quoted(text)}`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return distinct(folds);
}
