import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  parsePublished,
  publishedFold,
  summed,
  transposed,
  writePublished,
} from '../../src/evaluation/index.ts';

const folds = fc.integer({ min: 2, max: 8 }).chain((classes) =>
  fc.array(
    fc.array(
      fc.record({
        image: fc.constant('x'),
        truth: fc.nat(classes - 1),
        single: fc.nat(classes - 1),
        scores: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: classes, maxLength: classes }),
        groups: fc.constant({}),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    { minLength: 1, maxLength: 5 },
  ),
);

describe('the published result format', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(folds, (answers) => {
        const given = answers.map(publishedFold);
        const text = writePublished(given);
        const back = parsePublished(text, 'x.txt');
        expect(back.folds).toEqual(given);
        expect(text.endsWith('\n')).toBe(false);
        for (const key of ['acc', '1off', 'acco', '1offo'] as const) {
          const values = given.map(({ scores }) => scores[key]);
          const mean = values.reduce((a, b) => a + b, 0) / values.length;
          const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
          expect(Math.abs(back.all![key].mean - mean)).toBeLessThan(0.00051);
          expect(Math.abs(back.all![key].sd - sd)).toBeLessThan(0.00051);
        }
      }),
    );
  });

  it('is the published one to the letter', () => {
    const answer = (truth: number, scores: number[], single: number): Answer => ({
      image: 'x',
      truth,
      scores,
      single,
      groups: {},
    });
    const first = publishedFold([answer(0, [1, 0, 0], 2), answer(1, [1, 0, 0], 1), answer(2, [1, 0, 0], 2)]);
    const second = publishedFold([answer(0, [1, 0, 0], 0)]);
    expect(writePublished([first, second])).toBe(
      'fold0: {"acc": 0.6666666666666666, "1off": 0.6666666666666666, "acco": 0.3333333333333333, "1offo": 0.6666666666666666} ' +
        'ConfMats: {"confmat": [[0, 0, 0], [0, 1, 0], [1, 0, 1]], "confmato": [[1, 1, 1], [0, 0, 0], [0, 0, 0]]}\n' +
        'fold1: {"acc": 1.0, "1off": 1.0, "acco": 1.0, "1offo": 1.0} ' +
        'ConfMats: {"confmat": [[1, 0, 0], [0, 0, 0], [0, 0, 0]], "confmato": [[1, 0, 0], [0, 0, 0], [0, 0, 0]]}\n' +
        'all: {"acc": "0.833 +- 0.167", "1off": "0.833 +- 0.167", "acco": "0.667 +- 0.333", "1offo": "0.833 +- 0.167"} ' +
        'ConfMats: {"confmat": [[1, 0, 0], [0, 1, 0], [1, 0, 1]], "confmato": [[2, 1, 1], [0, 0, 0], [0, 0, 0]]}',
    );
    expect(summed([first.oversampled, second.oversampled])[0]).toEqual([2, 0, 0]);
    expect(transposed(first.single)[2]).toEqual([1, 0, 1]);
  });

  it('is refused with the line that is broken', () => {
    const whole =
      'fold0: {"acc": 1.0, "1off": 1.0, "acco": 1.0, "1offo": 1.0} ConfMats: {"confmat": [[1]], "confmato": [[1]]}';
    const error = (text: string) => () => parsePublished(text, 'x.txt');
    expect(parsePublished(`${whole}\n`, 'x.txt').all).toBeUndefined();
    expect(error('')).toThrow('x.txt: no folds');
    expect(error(`${whole}\nnonsense`)).toThrow("x.txt:2: expected 'foldK");
    expect(error(`${whole}\n${whole}`)).toThrow('x.txt:2: fold 0 where 1 is next');
    expect(error(whole.replace('"acc": 1.0, ', ''))).toThrow("no score 'acc'");
    expect(error(whole.replace('"confmat": [[1]]', '"confmat": [[1, 2]]'))).toThrow('no square matrix');
    expect(error(whole.replace('"acc": 1.0', '"acc" 1.0'))).toThrow('no JSON');
    expect(error(`${whole}\nall: {} ConfMats: {}`)).toThrow("x.txt:2: 'acc' is no 'mean +- deviation'");
    expect(() => publishedFold([{ image: 'a', truth: 0, scores: [1], groups: {} }])).toThrow("crops 'ten'");
  });
});
