import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/evaluation/comparison/index.ts';
import { reportOn } from '../../src/report/comparison.ts';
import { parseComparison } from '../../src/report/comparison-file.ts';
import { figureText, interval, pSentence, pText, signed } from '../../src/report/numbers.ts';
import { type Given, result, times } from '../evaluation/results.ts';

const right: Given = { said: 0 };
const wrong: Given = { said: 2 };
const report = (...args: Parameters<typeof compareResults>) =>
  reportOn(compareResults(...args), { limn: '0' });
const texts = (...args: Parameters<typeof compareResults>) =>
  report(...args).findings.map(({ text }) => text);

describe('numbers in print', () => {
  it('have true minus signs, no minus zero, and no more digits than they are worth', () => {
    expect([
      figureText(0.5879, 'share'),
      figureText(-0.0321, 'share'),
      figureText(-0.00001, 'share'),
    ]).toEqual(['58.8', '−3.2', '0.0']);
    expect([signed(0.01, 'share'), signed(-1.5, 'number'), signed(0, 'number')]).toEqual([
      '+1.0',
      '−1.50',
      '0.00',
    ]);
    expect(interval({ low: -0.01, high: 0.02 }, 'share')).toBe('−1.0 to 2.0');
    expect(interval({}, 'share')).toBe('');
    expect([0.61234, 0.0123, 0.00123, 0.000123, 0.00001, 1].map(pText)).toEqual([
      '0.61',
      '0.012',
      '0.0012',
      '0.0001',
      '< 0.0001',
      '1.00',
    ]);
    expect([0.2, 1e-9].map(pSentence)).toEqual(['p = 0.20', 'p < 0.0001']);
  });
});

describe('findings', () => {
  it('say of two models which is better, with numbers, interval, n and adjusted p', () => {
    const a = result([...times(60, right), ...times(5, wrong), ...times(25, right), ...times(10, wrong)], {
      name: 'a',
    });
    const b = result([...times(60, right), ...times(5, right), ...times(25, wrong), ...times(10, wrong)], {
      name: 'b',
    });
    const expected =
      'age: a has a higher accuracy than b on the same 100 images: 85.0 % against 65.0 %, a difference of 20.0 ' +
      "percentage points (95 % interval 9.4 to 29.8; McNemar's exact test, p = 0.0003). Its probabilities are less calibrated: the expected calibration error is " +
      '15.0 % against 5.0 % (not tested).';
    expect(texts([a, b])[0]).toBe(expected);
    // The same whichever stands first.
    expect(texts([b, a])[0]).toBe(expected);
  });

  it('claim nothing that the correction for several tests does not bear', () => {
    // p = 0.039 alone, 0.117 among three.
    const one = result([...times(8, wrong), ...times(1, right), ...times(30, right)], { name: 'one' });
    const two = result([...times(8, right), ...times(1, wrong), ...times(30, right)], { name: 'two' });
    const three = result([...times(8, wrong), ...times(2, wrong), ...times(29, right)], { name: 'three' });
    expect(report([one, two]).findings[0].significant).toBe(true);
    const { findings } = report([one, two, three]);
    expect(findings[0]).toMatchObject({ kind: 'pair', significant: false });
    expect(findings[0].text).toMatch(
      /^age: two and one cannot be told apart by accuracy .*after Holm's correction for 3 tests\)\. That does not show that they are alike\.$/,
    );
  });

  it('of regressions call the smaller error lower', () => {
    const make = (error: number, name: string) =>
      result(
        Array.from({ length: 40 }, (_, i) => ({ truth: 30, said: 30 + error * (1 + (i % 5)) })),
        { name, kind: 'number' },
      );
    expect(texts([make(3, 'far'), make(1, 'close')])[0]).toMatch(
      /^age: close has a lower mean absolute error than far on the same 40 images: 3\.00 against 9\.00, a difference of −6\.00 \(95 % interval [^)]*; sign-flip test over images, p = 0\.0001\)\.$/,
    );
  });

  it('name the groups that do worse, the small ones, and say where none can be told', () => {
    const by = (group: string, rights: number, wrongs: number) => [
      ...times(rights, { said: 0, groups: { group } }),
      ...times(wrongs, { said: 2, groups: { group } }),
    ];
    const net = result([...by('x', 50, 50), ...by('y', 190, 10), ...by('z', 4, 1)]);
    const found = texts([net], { groupBy: [['group']] });
    expect(found[0]).toMatch(
      /^age: the accuracy of net is lower for group x than over all other images: 50\.0 % \(95 % interval 40\.4 to 59\.6; n = 100\) against 94\.6 % \(n = 205\), a difference of 44\.6 percentage points \(95 % interval −[\d.]+ to −[\d.]+; p < 0\.0001 after Holm's correction for 3 tests\)\.$/,
    );
    // Who does better is said as well.
    expect(found[1]).toMatch(
      /^age: the accuracy of net is higher for group y than over all other images: 95\.0 % .* against 51\.4 % \(n = 105\), a difference of 43\.6 /,
    );
    expect(found).toContain(
      'age: 1 of 3 groups by group has fewer than 30 images or 10 persons: its numbers say little.',
    );
    const fair = texts([result([...by('x', 50, 10), ...by('y', 52, 9)])], { groupBy: [['group']] });
    expect(fair[0]).toMatch(
      /^age: by group, no group can be told from chance for which net does better or worse than over all other images \(2 tests, Holm's correction\)\. That does not show that all groups are treated alike\.$/,
    );
  });

  it('tell of crossed groups only what their columns do not tell already', () => {
    const by = (age: string, race: string, rights: number, wrongs: number) => [
      ...times(rights, { said: 0, groups: { age, race } }),
      ...times(wrongs, { said: 2, groups: { age, race } }),
    ];
    const crossed = { groupBy: [['age', 'race']] };
    // The old do worse, of whichever race: that is no finding about old people of one race.
    const marginal = [
      ...by('old', 'a', 60, 60),
      ...by('old', 'b', 62, 58),
      ...by('young', 'a', 110, 10),
      ...by('young', 'b', 112, 8),
    ];
    const restated = texts([result(marginal)], crossed);
    expect(restated[0]).toBe(
      'age: 4 groups by age × race differ from all other images for net, but cannot be told from the rest of a group that ' +
        'they are the crossing of: they restate what that one shows.',
    );
    // Only the old of race b do worse.
    const own = [
      ...by('old', 'a', 110, 10),
      ...by('old', 'b', 50, 70),
      ...by('young', 'a', 110, 10),
      ...by('young', 'b', 112, 8),
    ];
    const found = texts([result(own)], crossed);
    expect(found[0]).toMatch(
      /^age: the accuracy of net is lower for age old, race b than over all other images: .* It differs from the rest of each group that it is the crossing of, too \(the largest p < 0\.0001 after Holm's correction for 4 tests\)\.$/,
    );
    expect(found.filter((text) => text.includes('is lower for'))).toHaveLength(1);
    expect(found.filter((text) => text.includes('is higher for'))).toHaveLength(0);
  });

  it('say what a more accurate model loses in calibration', () => {
    const make = (rights: number, confidence: number, name: string) => {
      const made = result([...times(rights, right), ...times(200 - rights, wrong)], { name });
      const other = (1 - confidence) / 3;
      const scores = (best: number) => [0, 1, 2, 3].map((c) => (c === best ? confidence : other));
      const answers = made.answers.map((answer, i) => ({ ...answer, scores: scores(i < rights ? 0 : 2) }));
      return { ...made, answers };
    };
    const [text] = texts([make(190, 0.7, 'loud'), make(150, 0.75, 'calm')]);
    expect(text).toMatch(
      /^age: loud has a higher accuracy than calm .* Its probabilities are less calibrated: the expected calibration error is 25\.0 % against 0\.0 % \(not tested\)\.$/,
    );
    expect(texts([make(190, 0.95, 'loud'), make(150, 0.75, 'calm')])[0]).not.toContain('calibrated');
  });

  it('hold results against what was published, on request', () => {
    const net = result([...times(59, right), ...times(41, wrong)], {
      place: { architecture: 'GoogleNet', preprocessing: 'm', initialisation: 'n' },
    });
    const { findings } = reportOn(compareResults([net]), {}, { published: true });
    expect(findings[0].text).toMatch(
      /^age: net reaches 59\.0 %, published for GoogleNet \[m, n\] are 58\.8 %; the 95 % interval over all images, [\d.]+ to [\d.]+, includes the published value\.$/,
    );
  });

  it.each([
    [
      {},
      /^age: nothing that was compared stands in the paper's tables: evaluate with a place of architecture/,
    ],
    [
      { place: { architecture: 'GoogleNet', preprocessing: 'm', initialisation: 'w' } },
      /have no GoogleNet at \[m, w\]\./,
    ],
    [{ place: { architecture: 'ResNet', preprocessing: 'i' } }, /have no ResNet at \[i, ·\]\./],
    [
      { target: 'class', place: { architecture: 'GoogleNet' } },
      /which are of age and gender: evaluate with the target/,
    ],
  ])('say that nothing of it was published: %j', (about, message) => {
    const { findings } = reportOn(compareResults([result(times(9, right), about)]), {}, { published: true });
    expect(findings[0].text).toMatch(message);
    expect(findings.some(({ kind }) => kind === 'published')).toBe(false);
  });

  it('warn where nobody knows who is on the images', () => {
    expect(texts([result([right])])[0]).toContain('images are taken as independent');
    const known = texts([result([...times(12, { said: 0, person: 'p' }), { said: 0, person: 'q' }])]);
    expect(known.join()).not.toContain('independent');
  });
});

describe('the report', () => {
  const given = [
    ...times(40, { said: 0, groups: { gender: 'male', 名: 'a' }, person: 'p' }),
    ...times(20, { said: 2, groups: { gender: 'female', 名: 'b' }, person: 'q' }),
  ];
  const full = report(
    [
      result(given, { name: 'a', ordered: true, place: { architecture: 'vgg16' } }),
      result(given, { name: 'b', ordered: true }),
    ],
    {
      groupBy: [['gender'], ['名'], ['gender', '名']],
    },
  );

  it('has a table of each kind with names of their own', () => {
    const names = full.tables.map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual([
      'paper-age',
      'summary-age',
      'pairs-age',
      'groups-age-gender-accuracy',
      'groups-age-gender-oneoff',
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const { table } of full.tables) {
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
      for (const row of table.rows) {
        row.forEach((cell, i) => {
          const fields = table.columns[i].fields?.length ?? 1;
          if (typeof cell !== 'string' && cell.values) expect(cell.values.length).toBeLessThanOrEqual(fields);
        });
      }
    }
  });

  it('has no table of places where nothing was placed, but for the published one', () => {
    const kinds = (options = {}) =>
      reportOn(compareResults([result(given)], { resamples: 100 }), {}, options).tables.map(
        ({ kind }) => kind,
      );
    expect(kinds()).not.toContain('paper');
    expect(kinds({ published: true })).toContain('paper');
  });

  it('comes back from JSON, and nothing else is taken for it', () => {
    expect(parseComparison(JSON.stringify(full), 'x')).toEqual(JSON.parse(JSON.stringify(full)));
    const refusal = (text: string) => () => parseComparison(text, 'c.json');
    expect(refusal('{')).toThrow('c.json: it is no JSON; compare again');
    expect(refusal('null')).toThrow('c.json: it is not a comparison of limn; compare again');
    expect(refusal('{"format":"limn comparison 9"}')).toThrow(
      "c.json: it is of another version, 'limn comparison 9'; compare again",
    );
    expect(refusal('{"format":"limn comparison 1"}')).toThrow('c.json: versions: damaged: ');
  });
});
