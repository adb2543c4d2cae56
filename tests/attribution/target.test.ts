import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classWeights,
  type ResolvedTarget,
  resolveTargets,
  settlePredicted,
  targetName,
} from '../../src/attribution/resolve.ts';
import { parseTarget } from '../../src/attribution/target.ts';
import { float32, type Head } from '../../src/graph/index.ts';

const labels = [
  'n02123045 tabby, tabby cat',
  'n02123159 tiger cat',
  'n02124075 Egyptian cat',
  'n02981792 catamaran',
  'n02012849 crane',
  'n03126707 crane',
  'male',
  'female',
  '(25, 32)',
  '60+',
];
const nameless: Head = { name: 'class', output: 'prob', kind: 'classes' };
const head: Head = { ...nameless, labels };
const find = (label: string) => resolveTargets(label, 1, head, labels.length)[0].classes[0];

describe('targets in words', () => {
  it.each([
    ['predicted', 'predicted'],
    ['Predicted', 'predicted'],
    ['282', 282],
    [' tiger cat ', 'tiger cat'],
    ['281 + 282', { classes: [281, 282] }],
    ['281,282, 283', { classes: [281, 282, 283] }],
    ['tabby, tabby cat', 'tabby, tabby cat'],
    ['60+', '60+'],
    ['tiger cat + 3', { classes: ['tiger cat', 3] }],
    ['tiger cat vs tabby', { classes: ['tiger cat'], against: ['tabby'] }],
    ['predicted VS 1,2 + male', { classes: ['predicted'], against: [1, 2, 'male'] }],
    ['canvas', 'canvas'],
  ])('%s', (text, target) => expect(parseTarget(text)).toEqual(target));

  it.each([
    ['', "target '': a class is missing"],
    ['1 +', "target '1 +': a class is missing"],
    ['vs 3', "target 'vs 3': a class is missing"],
    ['1 vs 2 vs 3', "target '1 vs 2 vs 3': more than one 'vs'"],
    ['-1', "target '-1': there is no class -1"],
  ])('refuses %j', (text, message) => expect(() => parseTarget(text)).toThrow(message));

  it('reads back what it is given as indices', () => {
    const indices = fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(indices, fc.option(indices), (classes, against) => {
        const text = classes.join(' + ') + (against ? ` vs ${against.join(',')}` : '');
        const parsed = parseTarget(text);
        expect(typeof parsed === 'object' ? parsed : { classes: [parsed] }).toEqual(
          against ? { classes, against } : { classes },
        );
      }),
    );
  });
});

describe('labels', () => {
  it.each([
    ['n02123159 tiger cat', 1],
    ['TIGER  CAT', 1],
    ['tabby', 0],
    ['tabby cat', 0],
    ['tabby, tabby cat', 0],
    ['male', 6],
    ['fem', 7],
    ['gyptian', 2],
    ['(25, 32)', 8],
    ['25', 8],
    ['60+', 9],
    ['n02012849', 4],
    ['catama', 3],
  ])('%s', (label, index) => expect(find(label)).toBe(index));

  it('says which labels match equally well', () => {
    expect(() => find('cat')).toThrow(
      "target 'cat': 4 labels match: 0 'n02123045 tabby, tabby cat', 1 'n02123159 tiger cat', " +
        "2 'n02124075 Egyptian cat', 3 'n02981792 catamaran'; give more of the label, or the index",
    );
    expect(() => find('crane')).toThrow("2 labels match: 4 'n02012849 crane', 5 'n03126707 crane'");
  });

  it('says which labels are close', () => {
    expect(() => find('tiegr cat')).toThrow(
      /^target 'tiegr cat': no label matches; the closest are 1 'n0212/,
    );
    expect(() => find('femail')).toThrow("the closest are 7 'female'");
  });

  it('finds every label that is unique', () => {
    const unique = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,6})?$/), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(unique, fc.nat(), (names, pick) => {
        const index = pick % names.length;
        const found = resolveTargets(names[index], 1, { ...head, labels: names }, names.length);
        expect(found[0].classes).toEqual([index]);
      }),
    );
  });
});

describe('resolved targets', () => {
  it('are one for all images or one for each', () => {
    expect(resolveTargets(2, 2, head, 10)).toEqual([
      { classes: [2], against: [] },
      { classes: [2], against: [] },
    ]);
    expect(resolveTargets([1, { classes: ['male'], against: [7] }], 2, head, 10)).toEqual([
      { classes: [1], against: [] },
      { classes: [6], against: [7] },
    ]);
    expect(() => resolveTargets([1, 2], 3, head, 10)).toThrow('targets: there are 2 for 3 images');
  });

  it('are the best classes of each image, of equals the first', () => {
    const scores = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 12 }), (row, top) => {
        const [open] = resolveTargets(parseTarget(`top ${top}`), 1, nameless, row.length);
        const [{ classes, against }] = settlePredicted([open], float32([1, row.length], row));
        const sorted = row.map((_, i) => i).sort((a, b) => row[b] - row[a] || a - b);
        expect(classes).toEqual(sorted.slice(0, top));
        expect(against).toEqual([]);
      }),
    );
  });

  it('refuse classes that do not exist', () => {
    expect(() => resolveTargets(10, 1, head, 10)).toThrow(
      "target 10: output 'class' has 10 classes; give an index from 0 to 9",
    );
    expect(() => resolveTargets(1.5, 1, head, 10)).toThrow('target 1.5');
    expect(() => resolveTargets({ classes: [] }, 1, head, 10)).toThrow('target: it names no class');
    expect(() => resolveTargets('cat', 1, nameless, 10)).toThrow(
      "target 'cat': output 'class' has no labels; give the class index",
    );
  });

  it('get the first of the highest scores where they are predicted', () => {
    const open: ResolvedTarget[] = resolveTargets(
      ['predicted', { classes: [0], against: ['predicted'] }],
      2,
      head,
      10,
    );
    const scores = float32([2, 3], [1, 5, 5, -3, -2, -4]);
    expect(settlePredicted(open, scores)).toEqual([
      { classes: [1], against: [] },
      { classes: [0], against: [1] },
    ]);
  });

  it('weigh every class once, and nothing that is on both sides', () => {
    const weights = classWeights(
      [
        { classes: [0, 0, 2], against: [1] },
        { classes: [1], against: [1] },
      ],
      3,
    );
    expect(weights).toEqual(float32([2, 3], [1, -1, 1, 0, 0, 0]));
  });

  it('are named by their labels', () => {
    expect(targetName({ classes: [6, 7], against: [3] }, head)).toBe('male + female vs n02981792 catamaran');
    expect(targetName({ classes: [4], against: [] }, nameless)).toBe('4');
  });
});
