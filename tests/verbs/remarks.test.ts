import { describe, expect, it } from 'vitest';
import { type Explanation, parseTarget, resolveTargets, type Target } from '../../src/attribution/index.ts';
import { classifierOf } from '../../src/classifier/index.ts';
import { plain } from '../../src/common/words.ts';
import { float32, type Head } from '../../src/graph/index.ts';
import { readExplanation, remarksOn, remarkText } from '../../src/verbs/explain/index.ts';
import { smallModel } from '../attribution/net.ts';

const labels = ['tabby, tabby cat', 'tiger cat', 'catamaran', 'this vs that'];

/** What is read of scores that were explained by a method. */
function readingOf(
  scores: readonly number[],
  target: Target,
  how: { method?: string; start?: string; kind?: Head['kind']; labels?: readonly string[] } = {},
) {
  const model = smallModel({ labels: how.labels ?? labels });
  const [given] = model.info.heads;
  const info = { ...model.info, heads: [{ ...given, kind: how.kind ?? 'classes' }] };
  const classifier = classifierOf({ ...model, info }, {});
  const explanation: Explanation = {
    scores: float32([1, 4], scores),
    output: float32([1, 4], scores),
    relevance: float32([1, 1, 1, 2], [scores[0], 0]),
    layers: {},
    targets: resolveTargets(target, 1, given, 4).map(({ classes, against }) => ({ classes, against })),
    description: { method: how.method ?? 'lrp', head: 'class', parameters: { start: how.start ?? 'score' } },
  };
  return readExplanation(explanation, 0, classifier, 5);
}

describe('a class whose score has little to share', () => {
  it('is offered beside the runner-up, as a target that means these two', () => {
    const { contrast } = readingOf([-1, -3, -2, -9], 0);
    expect(contrast).toEqual({ target: 'tabby, tabby cat vs catamaran', score: 1 });
    const [found] = resolveTargets(
      parseTarget(contrast!.target),
      1,
      { name: '', output: '', kind: 'classes', labels },
      4,
    );
    expect(found).toEqual({ classes: [0], against: [2] });
  });

  it('by index where labels cannot be told from the words between them', () => {
    expect(readingOf([-3, -2, -4, -1], 3).contrast).toEqual({ target: '3 vs 1', score: 1 });
  });

  it.each([
    ['negative', [-0.5, 2, 1, 0], 0, true],
    ['near zero', [0.1, 5, -5, 0], 0, true],
    ['large enough', [2, 5, -5, 0], 0, false],
    ['the best of large ones', [9, 8, 7, 8.5], 0, false],
  ] as const)('%s: %j', (_, scores, target, offered) => {
    expect(readingOf(scores, target).contrast !== undefined).toBe(offered);
  });

  it('but not for contrasts, sums, numbers, or methods that share no score', () => {
    const scores = [-1, -3, -2, -9];
    expect(readingOf(scores, { classes: [0], against: [1] }).contrast).toBeUndefined();
    expect(readingOf(scores, { classes: [0, 1] }).contrast).toBeUndefined();
    expect(readingOf(scores, 0, { kind: 'number' }).contrast).toBeUndefined();
    expect(readingOf(scores, 0, { method: 'gradient' }).contrast).toBeUndefined();
    expect(readingOf(scores, 0, { start: 'one' }).contrast).toBeUndefined();
  });

  it('is told in the words of each client', () => {
    const reading = readingOf([-1, -3, -2, -9], 0);
    const [remark, ...more] = remarksOn(reading);
    expect(more).toEqual([]);
    expect(plain(remark)).toBe(
      "the explained score is negative (-1): its shares show what speaks against the class; target 'tabby, tabby cat vs catamaran' " +
        'explains the difference from the runner-up (1)',
    );
    expect(remarkText(remark)).toMatch(/^The explained .*\)\.$/);
  });
});

describe('relevance far beyond the score', () => {
  it('is told with the layer where that is known, else with where to look', () => {
    const at = { absolute: 500, sum: -3, made: false, multiple: 250 };
    expect(remarksOn({ score: 2, excess: { ...at, node: 'conv3' } }).map((r) => plain(r))).toEqual([
      "at layer 'conv3' relevance is 500 in absolute values, 250 times what is explained: shares of both signs grow against each other; another composite may hold it",
    ]);
    expect(plain(remarksOn({ score: 2, excess: at })[0])).toContain(
      'conservation shows where, another composite may',
    );
  });

  it.each([
    [true, 490, 'rules make it that give more than they receive, and nearly all of it is positive; '],
    [true, -490, 'rules make it that give more than they receive, and nearly all of it is negative; '],
    [true, 100, 'rules make it that give more than they receive; '],
    [false, 490, 'shares of both signs grow against each other; '],
  ])('is told by what makes it: %s, %d of 500', (made, sum, told) => {
    const [remark] = remarksOn({ score: 2, excess: { absolute: 500, sum, made, multiple: 250 } });
    expect(plain(remark)).toContain(`250 times what is explained: ${told}`);
  });
});
