/** The paper's chart and its progress plots: every network where it belongs, means and deviations as literally written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDefinitionName } from '../../src/data/definitions/name.ts';
import { compareResults } from '../../src/evaluation/index.ts';
import { foldMeans } from '../../src/report/charts/folds.ts';
import { chartSvg, type NamedChart, targetCharts } from '../../src/report/charts/index.ts';
import { foldCharts, placedPoint, validationPoints } from '../../src/report/folds.ts';
import { earlierResults } from '../../src/report/published.ts';
import { result, times } from '../evaluation/results.ts';

const scored = (
  architecture: string,
  preprocessing: string,
  initialisation: string,
  right: number,
  more = {},
  target = 'age',
) =>
  result(
    [...times(right, { said: 0 }), ...times(80 - right, { said: 1 }), ...times(20, { said: 3 })].map(
      (each, i) => ({ ...each, image: `${i}.jpg` }),
    ),
    {
      name: `${architecture} ${preprocessing}${initialisation}${JSON.stringify(more)}`,
      place: { architecture, preprocessing, initialisation, ...more },
      ordered: true,
      target,
    },
  );

const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe("the paper's chart", () => {
  it('has a panel for each architecture and initialisation, none of what was tested on other faces', async () => {
    const [target] = compareResults([
      scored('VGG16', 'm', 'w', 63),
      scored('googlenet', 'i', '', 54),
      scored('GoogLeNet', 'm', 'n', 59),
      scored('CaffeNet', 'r', '', 52),
      scored('CaffeNet', 'r', '', 41, { test: 'i' }),
    ]).targets;
    const [chart] = targetCharts(target, []).filter(({ kind }) => kind === 'paper');
    const shown = words(await chartSvg(chart.spec, { letters: 'text' }));
    expect(shown.filter((word) => /Net$|VGG16$/.test(word))).toEqual(['CaffeNet', 'GoogleNet', 'VGG16']);
    expect(shown.filter((word) => /\(.\)$/.test(word) && !/aligned|rotated|both/.test(word))).toEqual([
      ...['from scratch (·)', 'ImageNet (n)', 'IMDB-WIKI (w)'],
    ]);
    expect(shown.filter((word) => /\.\d %/.test(word)).sort()).toEqual([
      '52.0 %',
      '54.0 %',
      '59.0 %',
      '63.0 %',
    ]);
    expect(chart.caption).toContain('one-off accuracy in grey');
    // Each bar says which it is.
    const svg = await chartSvg(chart.spec, { letters: 'text' });
    expect(svg).toContain('VGG16, IMDB-WIKI (w), both (m): accuracy 63.0 %, one-off 80.0 %');
  });

  it('is drawn only of what has a place in it', () => {
    const [target] = compareResults([result(times(9, { said: 0 }), { name: 'a model' })]).targets;
    expect(targetCharts(target, []).map(({ kind }) => kind)).not.toContain('paper');
  });

  it.each([
    ['age', /Levi & Hassner 2015 \(50\.7 %\), Rothe et al\. 2016 \(64\.0 %\)/],
    ['gender', /Levi & Hassner 2015 \(86\.8 %\), Dehghan et al\. 2017 \(91\.0 %\)/],
  ])('names earlier results for %s', (target, lines) => {
    const points = [1, 2].map(
      (iteration) =>
        placedPoint(
          { architecture: 'CaffeNet', preprocessing: 'i', initialisation: 'n', fold: '0' },
          { target, iteration, accuracy: 0.5 },
        )!,
    );
    expect(foldCharts(points, 'test')[0].caption).toMatch(lines);
  });

  it.each(['age', 'gender'])(
    'names the lines of earlier results for %s in each uppermost panel, and beside each panel of progress',
    async (name) => {
      const names = earlierResults(name).map(({ who }) => who);
      const counted = async (spec: NamedChart['spec']) => {
        const shown = words(await chartSvg(spec, { letters: 'text' })).map((word) =>
          word.replace('&amp;', '&'),
        );
        return names.map((who) => shown.filter((word) => word === who).length);
      };
      const [target] = compareResults([
        scored('CaffeNet', 'i', '', 52, {}, name),
        scored('CaffeNet', 'r', '', 52, {}, name),
        scored('CaffeNet', 'i', 'n', 52, {}, name),
        scored('GoogLeNet', 'i', '', 54, {}, name),
      ]).targets;
      const [chart] = targetCharts(target, []).filter(({ kind }) => kind === 'paper');
      expect(await counted(chart.spec)).toEqual([2, 2]);
      const points = ['CaffeNet', 'VGG16'].flatMap((architecture) =>
        [1, 2].map(
          (iteration) =>
            placedPoint(
              { architecture, preprocessing: 'i', initialisation: 'n', fold: '0' },
              { target: name, iteration, accuracy: 0.5 },
            )!,
        ),
      );
      expect(await counted(foldCharts(points, 'test')[0].spec)).toEqual([2, 2]);
    },
  );
});

describe('progress over folds', () => {
  it('is the mean and the population deviation where all folds are', () => {
    const point = fc.record({
      training: fc.constantFrom('[i, ·]', '[m, n]'),
      fold: fc.constantFrom('0', '1', '2'),
      iteration: fc.constantFrom(50, 100, 150),
      accuracy: fc.float({ min: 0, max: 1, noNaN: true }),
    });
    const points = fc.uniqueArray(point, {
      selector: ({ training, fold, iteration }) => `${training} ${fold} ${iteration}`,
    });
    fc.assert(
      fc.property(points, (made) => {
        const of = made.map((each) => ({ architecture: 'VGG16', ...each }));
        const means = foldMeans(of);
        let expected = 0;
        for (const training of ['[i, ·]', '[m, n]']) {
          const own = of.filter((each) => each.training === training);
          const folds = new Set(own.map(({ fold }) => fold));
          for (const iteration of [50, 100, 150]) {
            const values = own.filter((each) => each.iteration === iteration).map(({ accuracy }) => accuracy);
            const found = means.find((each) => each.training === training && each.iteration === iteration);
            if (values.length === 0 || values.length < folds.size) {
              expect(found).toBeUndefined();
              continue;
            }
            expected++;
            let sum = 0;
            for (const value of values) sum += value;
            let squares = 0;
            for (const value of values) squares += (value - sum / values.length) ** 2;
            expect(found!.folds).toBe(folds.size);
            expect(found!.mean).toBeCloseTo(sum / values.length, 12);
            expect(found!.sd).toBeCloseTo(Math.sqrt(squares / values.length), 12);
          }
        }
        expect(means).toHaveLength(expected);
      }),
    );
  });

  it('is read from logs whose folders say which network and which fold, by the output that answers', () => {
    const row = (metric: string, iteration: number, value: number, series = 'validation') => ({
      ...{ metric, iteration, value, series },
    });
    const rows = [
      row('loss', 50, 2, 'training'),
      ...[50, 100].flatMap((at) => [
        row('loss1/top-1', at, 0.1),
        row('loss3/top-1', at, at / 200),
        row('loss3/top-5', at, 0.9),
      ]),
    ];
    const run = (source: string) => ({ name: source, rows, clock: [], source });
    expect(
      validationPoints([
        run('units/age_finetuning_googlenet_mixed/fold-3/train-0a1b/run/log.jsonl'),
        run('somewhere/else/run/log.jsonl'),
      ]),
    ).toEqual(
      [50, 100].map((iteration) => ({
        ...{ target: 'age', architecture: 'GoogleNet', training: '[m, n]', fold: '3', iteration },
        accuracy: iteration / 200,
      })),
    );
    expect(readDefinitionName('else')).toBeUndefined();
  });

  it('is no chart where there is one point in time', () => {
    const point = placedPoint(
      { architecture: 'VGG16', preprocessing: 'i', fold: '0' },
      { target: 'age', iteration: 5, accuracy: 0.5 },
    )!;
    expect(foldCharts([point], 'test')).toEqual([]);
    expect(foldCharts([point, { ...point, iteration: 10 }], 'test')).toHaveLength(1);
  });
});
