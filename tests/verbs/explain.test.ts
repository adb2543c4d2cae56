/** What a figure of an explanation says in words, whatever was asked by whatever method. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Explanation, methodNames, resolveTargets, type Target } from '../../src/attribution/index.ts';
import { classifierOf } from '../../src/classifier/index.ts';
import { float32, type Head } from '../../src/graph/index.ts';
import { endsOf, readExplanation, scoresOf, sumText, titleOf } from '../../src/verbs/explain/index.ts';
import { smallModel } from '../attribution/net.ts';

const labels = ['female', 'male', 'cat', 'dog'];

/** What a figure has of scores that were explained by a method. */
function figureText(
  values: readonly number[],
  target: Target,
  {
    kind = 'classes',
    method = 'lrp',
    completeness,
  }: { kind?: Head['kind']; method?: string; completeness?: Explanation['completeness'] } = {},
) {
  const model = smallModel({ labels });
  const [given] = model.info.heads;
  const head: Head = { ...given, kind, ...(kind === 'number' && { name: 'age' }) };
  const classifier = classifierOf({ ...model, info: { ...model.info, heads: [head] } }, {});
  const output = kind === 'number' ? float32([1, 1], values.slice(0, 1)) : float32([1, 4], values);
  const explanation: Explanation = {
    ...{ scores: output, output, layers: {} },
    relevance: float32([1, 1, 1, 2], [values[0], 0]),
    targets: resolveTargets(target, 1, given, 4).map(({ classes, against }) => ({ classes, against })),
    description: { method, head: head.name, parameters: { start: 'score' } },
    ...(completeness && { completeness }),
  };
  const reading = readExplanation(explanation, 0, classifier, 5);
  return {
    title: titleOf(classifier, reading.target),
    scores: scoresOf(reading, classifier),
    sum: sumText(reading, explanation.description),
  };
}

describe('a figure', () => {
  it('has a bar for each class within its frame, and none for a number, which has no most', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (values) => {
          for (const { fraction } of figureText(values, 0).scores) {
            expect(fraction).toBeGreaterThanOrEqual(0);
            expect(fraction).toBeLessThanOrEqual(1);
          }
          const { scores } = figureText(values, 0, { kind: 'number' });
          expect(scores.map(({ fraction }) => fraction)).toEqual([undefined]);
        },
      ),
    );
  });

  it.each([
    [0, 'What speaks for female, and what against it'],
    [{ classes: [0], against: [1] }, 'What speaks for female rather than male'],
    [{ classes: [0, 2], against: [1, 3] }, 'What speaks for female + cat rather than male + dog'],
  ] as const)('asks for %j in words', (target, title) => {
    expect(figureText([4, 3, 2, 1], target as Target).title).toBe(title);
  });

  it('asks of a number what raises it', () => {
    expect(figureText([37], 0, { kind: 'number' }).title).toBe('What raises age, and what lowers it');
    expect(endsOf({ name: 'age', output: 'age', kind: 'number' })).toEqual(['lowers', 'raises']);
    expect(endsOf({ name: 'class', output: 'prob', kind: 'classes' })).toEqual(['against', 'for']);
  });

  it.each(methodNames)('says that shares add up only of methods that share the score: %s', (method) => {
    const { sum } = figureText([4, 3, 2, 1], 0, { method });
    if (method === 'lrp' || method === 'gradient-x-input') expect(sum).toMatch(/; its shares add up to 4\b/);
    else expect(sum).toBe('The explained score is 4; the values of this method are no shares of it.');
  });

  it('says of methods with a baseline what their shares are of', () => {
    const completeness = [{ attributed: 2.5, difference: 3 }];
    const { sum } = figureText([4, 3, 2, 1], 0, { method: 'integrated-gradients', completeness });
    expect(sum).toBe(
      'The explained score is 4, 3 more than at the baseline; the shares of that add up to 2.5.',
    );
  });
});
