import { type Explanation, parseTarget, resolveTargets, sharesScore } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { short } from '../../common/format.ts';
import { field, plain, type Words, words } from '../../common/words.ts';
import type { Head } from '../../graph/index.ts';
import type { Excess } from '../../relevance/index.ts';

/** A contrast with the runner-up, where the score itself has little to share. */
export interface OfferedContrast {
  /** As a request's `target` takes it. */
  readonly target: string;
  /** The difference of the two scores: what the contrast shares. */
  readonly score: number;
}

/** Below this share of the spread of all scores a score is near zero. */
const nearZero = 0.1;

/**
 * The contrast to offer for an explained class whose score is negative or near zero: LRP shares the score itself, so that such
 * a map is one of what speaks against the class, or of nothing much. Undefined for other scores, sums and contrasts,
 * outputs that are numbers, and methods that share no score.
 */
export function offeredContrast(
  { description, targets }: Explanation,
  row: number,
  scores: ArrayLike<number>,
  { head }: Classifier,
): OfferedContrast | undefined {
  const { classes, against } = targets[row];
  const shares = description.method === 'lrp' && sharesScore(description);
  if (!shares || head.kind === 'number' || classes.length !== 1 || against.length > 0 || scores.length < 2)
    return undefined;
  const all = Array.from(scores);
  const [own] = classes;
  const spread = Math.max(...all) - Math.min(...all);
  if (all[own] >= nearZero * spread) return undefined;
  const others = all.map((score, index) => ({ score, index })).filter(({ index }) => index !== own);
  const other = others.reduce((best, each) => (each.score > best.score ? each : best));
  return { target: contrastOf(own, other.index, head), score: all[own] - other.score };
}

/** Two classes as a target: by their labels, where these are found again, else by index. */
function contrastOf(own: number, other: number, head: Head): string {
  const byIndex = `${own} vs ${other}`;
  const { labels } = head;
  if (!labels) return byIndex;
  const named = `${labels[own]} vs ${labels[other]}`;
  try {
    const [found] = resolveTargets(parseTarget(named), 1, head, labels.length);
    return found.classes.join() === `${own}` && found.against.join() === `${other}` ? named : byIndex;
  } catch {
    return byIndex;
  }
}

/** What a reader of the numbers has to know, in sentences; each client calls fields as its users do. */
export function remarksOn({
  score,
  excess,
  contrast,
}: {
  readonly score: number;
  readonly excess?: Excess | undefined;
  readonly contrast?: OfferedContrast | undefined;
}): Words[] {
  return [...(contrast ? [contrastText(score, contrast)] : []), ...(excess ? [excessText(excess)] : [])];
}

const contrastText = (score: number, contrast: OfferedContrast): Words =>
  words`the explained score is ${score < 0 ? 'negative' : 'near zero'} (${short(score)}): its shares show ${
    score < 0 ? 'what speaks against the class' : 'little'
  }; ${field('target', contrast.target)} explains the difference from the runner-up (${short(contrast.score)})`;

const excessText = ({ node, absolute, sum, made, multiple }: Excess): Words =>
  words`${node === undefined ? 'the relevance of the pixels' : `at layer '${node}' relevance`} is ${short(absolute)} in absolute values, ${short(
    multiple,
  )} times what is explained: ${
    made
      ? `rules make it that give more than they receive${signText(absolute, sum)}`
      : 'shares of both signs grow against each other'
  }; ${
    node === undefined ? words`${field('conservation')} shows where, ` : ''
  }another composite${made ? ' or variant' : ''} may hold it`;

const signText = (absolute: number, sum: number): string =>
  Math.abs(sum) > absolute / 2 ? `, and nearly all of it is ${sum > 0 ? 'positive' : 'negative'}` : '';

/** The same for a text that belongs to no client. */
export const remarkText = (remark: Words): string =>
  `${plain(remark).replace(/^./, (c) => c.toUpperCase())}.`;
