import fc from 'fast-check';
import sharp from 'sharp';
import type { TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../src/image/figure/figure.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import {
  barChart,
  chartSvg,
  confusionChart,
  type ProgressRow,
  progressChart,
  progressOf,
  reliabilityChart,
} from '../../src/report/charts/index.ts';
import { eventLine, type RunEvent } from '../../src/training/run/events.ts';
import { eventWording } from '../../src/training/run/wording.ts';
import { malformed, nastyNames } from './markup.ts';

const bars = [
  { group: 'i', series: 'A', value: 0.5, low: 0.45, high: 0.55, reference: 0.52 },
  { group: 'i', series: 'B', value: 0.6, low: 0.55, high: 0.65 },
  { group: 'm', series: 'A', value: 0.7 },
];

/** What a specification binds to what, without its looks. */
function bindings(spec: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(spec, (key, value) => {
    if (typeof value === 'object' && value?.field) found.push(`${key} = ${value.field}`);
    return value;
  });
  return [...new Set(found)];
}

/** The words of a chart, in the order of its marks. */
const words = async (spec: Parameters<typeof chartSvg>[0]) =>
  [...(await chartSvg(spec, { letters: 'text' })).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(
    ([, text]) => text,
  );

describe('specifications', () => {
  it('bind data to marks', () => {
    expect(bindings(barChart(bars, { measure: 'accuracy' }))).toMatchInlineSnapshot(`
      [
        "y = group",
        "yOffset = series",
        "description = hover",
        "x = value",
        "color = series",
        "x = low",
        "x2 = high",
        "x = high",
        "x = reference",
        "x = end",
        "text = text",
      ]
    `);
    expect(bindings(confusionChart([[1]], ['a']))).toMatchInlineSnapshot(`
      [
        "y = truth",
        "x = predicted",
        "description = hover",
        "fillOpacity = share",
        "text = text",
        "text = count",
      ]
    `);
    expect(
      bindings(
        reliabilityChart([{ series: 'A', confidence: 0.5, accuracy: 0.4, count: 3, low: 0.1, high: 0.7 }]),
      ),
    ).toMatchInlineSnapshot(`
      [
        "x = at",
        "y = at",
        "x = confidence",
        "color = series",
        "y = low",
        "y2 = high",
        "y = accuracy",
        "description = hover",
        "size = count",
      ]
    `);
    expect(
      bindings(
        progressChart([{ iteration: 1, metric: 'loss', series: 'training', value: 2 }], { smooth: 3 }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "filter = metric",
        "color = of",
        "x = at",
        "y = raw",
        "y = value",
        "description = hover",
      ]
    `);
  });

  it('are plain JSON', () => {
    const spec = barChart(bars, { measure: 'accuracy', title: 'T' });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });
});

/** What marks say to who points at them. */
const hovers = async (spec: Parameters<typeof chartSvg>[0]) =>
  [...(await chartSvg(spec, { letters: 'text' })).matchAll(/<title>([^<]*)<\/title>/g)].map(
    ([, text]) => text,
  );

describe('marks', () => {
  it('say their values, with intervals and what they are held against', async () => {
    expect(
      await hovers(
        barChart(
          [
            { group: '3-9', series: 'A <b>', value: 0.5, low: 0.25, high: 0.75, reference: 0.6 },
            { group: '3-9', series: 'B', value: 0.25 },
          ],
          { measure: 'accuracy' },
        ),
      ),
    ).toEqual([
      '3-9, A &lt;b&gt;: accuracy 50.0 %, 95 % interval 25.0 % to 75.0 %, published 60.0 %',
      '3-9, B: accuracy 25.0 %',
    ]);
    expect(
      await hovers(
        confusionChart(
          [
            [3, 1],
            [0, 0],
          ],
          ['ant', 'bee'],
        ),
      ),
    ).toEqual([
      'label ant, prediction ant: 3 of 4 images (75.0 %)',
      'label ant, prediction bee: 1 of 4 images (25.0 %)',
      'label bee, prediction ant: 0 of 0 images',
      'label bee, prediction bee: 0 of 0 images',
    ]);
    expect(
      await hovers(reliabilityChart([{ series: 'A', confidence: 0.5, accuracy: 0.4, count: 3 }])),
    ).toEqual(['A: 40.0 % right at a confidence of 50.0 %, 3 images']);
  });

  it('of a line say theirs near wherever one points, its end too', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      iteration: 10 * i,
      time: i,
      metric: 'accuracy',
      series: 'validation',
      value: i / 1000,
    }));
    const told = await hovers(progressChart(rows));
    expect(told.length).toBeGreaterThan(40);
    expect(told.length).toBeLessThan(60);
    expect(told[0]).toBe('validation: accuracy 0.0 % at iteration 0 (0 ms)');
    expect(told.at(-1)).toBe('validation: accuracy 99.9 % at iteration 9,990 (16 min 39 s)');
  });
});

describe('bar charts', () => {
  it('write values beyond everything that belongs to a bar, in the order given', async () => {
    const text = await words(barChart(bars, { measure: 'accuracy' }));
    expect(text.filter((word) => /\d\.\d %/.test(word))).toEqual(['50.0 %', '60.0 %', '70.0 %']);
    expect(text.filter((word) => /^[imAB]$/.test(word))).toEqual(['i', 'm', 'A', 'B']);
  });

  it('start at zero', async () => {
    expect(await words(barChart(bars, { measure: 'accuracy' }))).toContain('0 %');
    expect(
      await words(barChart([{ group: '', series: 'x', value: 12.5 }], { measure: 'error', unit: 'number' })),
    ).toEqual(expect.arrayContaining(['0', '12.50', 'error']));
  });
});

describe('confusion matrices', () => {
  it('show shares of rows, counts, and nothing but the count of what never happened', async () => {
    const text = await words(
      confusionChart(
        [
          [3, 1],
          [0, 0],
        ],
        ['cat', 'dog'],
      ),
    );
    expect(text.filter((word) => /%/.test(word))).toEqual(['75 %', '25 %']);
    expect(text.filter((word) => /^\d$/.test(word))).toEqual(['3', '1', '0', '0']);
    // Labels stand at rows and columns.
    expect(text.filter((word) => word === 'cat')).toHaveLength(2);
  });
});

describe('SVG', () => {
  const specs = (names: readonly string[]) => [
    barChart(
      names.map((name) => ({ group: name, series: name, value: 0.5, low: 0.4, high: 0.6 })),
      { measure: names[0], title: names[1] },
    ),
    confusionChart(
      names.map(() => names.map((_, i) => i)),
      names,
      { title: names[0] },
    ),
    reliabilityChart(names.map((series) => ({ series, confidence: 0.5, accuracy: 0.5, count: 1 }))),
    progressChart(names.map((series, i) => ({ iteration: i, metric: series, series, value: i }))),
  ];

  it('is well-formed and needs no font, whatever names are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.oneof(fc.constantFrom(...nastyNames), fc.string({ unit: 'grapheme', maxLength: 20 })),
          {
            minLength: 2,
            maxLength: 3,
          },
        ),
        async (names) => {
          for (const spec of specs(names)) {
            const svg = await chartSvg(spec);
            expect(malformed(svg)).toBeUndefined();
            expect(svg.match(/<text|font-|NaN|undefined|<script|onerror="/g)).toBeNull();
          }
        },
      ),
      {
        numRuns: 8,
        examples: [[['valueOf', 'constructor']], [nastyNames.slice(0, 3)], [nastyNames.slice(3)]],
      },
    );
  });

  it('keeps ids of several charts apart', async () => {
    const [, , , progress] = specs(['a', 'b']);
    const ids = (svg: string) => [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const uses = (svg: string) => [...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id);
    const svg = await chartSvg(progress, { id: 'one-' });
    expect(uses(svg).every((id) => ids(svg).includes(id) && id.startsWith('one-'))).toBe(true);
  });

  it('leaves numbers in words as they are', async () => {
    const svg = await chartSvg(barChart([{ group: '', series: 'v0.00123', value: 0.5 }], { measure: 'm' }), {
      letters: 'text',
    });
    expect(svg).toContain('>v0.00123<');
  });

  it('is the same each time', async () => {
    const [first, second] = [
      await chartSvg(barChart(bars, { measure: 'x' })),
      await chartSvg(barChart(bars, { measure: 'x' })),
    ];
    expect(second).toBe(first);
  });
});

describe('PNG', () => {
  it('shows words without any fonts: ink where a longer name stands, on white paper', async () => {
    const draw = async (series: string) => {
      const chart = barChart([{ group: '', series, value: 0.5 }], { measure: 'm' });
      const png = await encodePng(await drawSvg(await chartSvg(chart, { background: '#ffffff' }), 2));
      const { data, info } = await sharp(png)
        .flatten()
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, dark: data.filter((value) => value < 90).length, corner: data[0] };
    };
    const [short, long] = [await draw('i'), await draw('a much longer name')];
    expect(short.corner).toBe(255);
    expect(long.width).toBeGreaterThan(short.width + 100);
    expect(long.dark).toBeGreaterThan(short.dark + 500);
  });
});

describe('training curves', () => {
  const line = (series: string, length: number, run?: string): ProgressRow[] =>
    Array.from({ length }, (_, i) => ({
      iteration: i,
      metric: 'loss',
      series,
      ...(run && { run }),
      value: i % 2,
    }));
  const values = (spec: TopLevelSpec) =>
    (spec as unknown as { data: { values: { value: number; raw?: number; of: string; series?: string }[] } })
      .data.values;

  it('are running means where there are many rows, and the rows themselves where there are few', () => {
    const drawn = values(progressChart([...line('validation', 9), ...line('training', 50)], { smooth: 4 }));
    expect(drawn.filter(({ of }) => of === 'validation').map(({ value }) => value)).toEqual([
      0, 1, 0, 1, 0, 1, 0, 1, 0,
    ]);
    const means = drawn.filter(({ of }) => of === 'training');
    expect(means.map(({ raw }) => raw)).toEqual(line('training', 50).map(({ value }) => value));
    // Five rows around each; three at the ends.
    expect(means[0].value).toBeCloseTo(1 / 3);
    expect(means[1].value).toBeCloseTo(1 / 2);
    expect(means.slice(2, -2).map(({ value }) => Math.round(5 * value))).toEqual(
      Array.from({ length: 46 }, (_, i) => (i % 2 === 0 ? 2 : 3)),
    );
  });

  it('of many rows keep their extremes', () => {
    const rows = line('training', 50_000).map((row, i) => ({
      ...row,
      value: i === 31_234 ? 9 : i === 777 ? -9 : Math.sin(i),
    }));
    const drawn = values(progressChart(rows)).map(({ value }) => value);
    expect(drawn.length).toBeLessThan(2000);
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([-9, 9]);
  });

  it('have one colour per run and one dash per series', () => {
    const drawn = values(progressChart([...line('validation', 2, 'A'), ...line('training', 2, 'B')]));
    expect(drawn.map(({ of, series }) => `${of} ${series}`)).toEqual([
      'A validation',
      'A validation',
      'B training',
      'B training',
    ]);
  });
});

describe('training logs', () => {
  it('of limn give what is measured, the whole loss of several, and the times of its clock', () => {
    const events: RunEvent[] = [
      {
        event: 'train',
        iteration: 20,
        rate: 0.01,
        loss: 2,
        outputs: [{ name: 'loss', index: 0, value: 2.1, weight: 1 }],
      },
      {
        event: 'test',
        iteration: 20,
        net: 1,
        outputs: [
          { name: 'loss1', index: 0, value: 1, weight: 0.5 },
          { name: 'loss2', index: 1, value: 3, weight: 1 },
          { name: 'top', index: 2, value: 0.25 },
          { name: 'top', index: 3, value: 0.75 },
        ],
      },
      { event: 'train', iteration: 40, loss: Number.NaN, outputs: [] },
      { event: 'note', iteration: 40, note: { kind: 'field-ignored', file: 's', field: 'f' }, text: 'f' },
    ];
    const text = events.map(eventLine).join('');
    const clock = { text: eventLine({ event: 'train', iteration: 20, seconds: 7.5 }), file: 'clock.jsonl' };
    const validation = { iteration: 20, series: 'validation #1' };
    expect(progressOf(text, 'log.jsonl', '', clock)).toEqual([
      { iteration: 20, time: 7.5, metric: 'loss', series: 'training', value: 2 },
      { iteration: 20, time: 7.5, metric: 'learning rate', series: 'training', value: 0.01 },
      { ...validation, metric: 'loss', value: 3.5 },
      { ...validation, metric: 'top #2', value: 0.25 },
      { ...validation, metric: 'top #3', value: 0.75 },
      { ...validation, metric: 'loss1', value: 1, detail: true },
      { ...validation, metric: 'loss2', value: 3, detail: true },
    ]);
    expect(() => progressOf('{"a":1}\n', 'log.jsonl')).toThrow('log.jsonl:1: no event of a training');
  });

  it('say the same in the wording of Caffe', () => {
    const events: RunEvent[] = [0, 20, 40].flatMap((iteration): RunEvent[] => [
      {
        event: 'test',
        iteration,
        net: 0,
        outputs: [
          { name: 'accuracy', index: 0, value: 0.5 },
          { name: 'loss', index: 1, value: 1.5, weight: 2 },
        ],
      },
      {
        event: 'train',
        iteration,
        rate: 0.001,
        loss: 3,
        outputs: [{ name: 'loss', index: 0, value: 1.5, weight: 2 }],
      },
    ]);
    const words = events.flatMap((event) => eventWording(event)).join('\n');
    expect(progressOf(words, 'train.log')).toEqual(progressOf(events.map(eventLine).join(''), 'log.jsonl'));
  });

  it("of Caffe give iterations, times over midnight, the training's loss and the tests' outputs", () => {
    const log = [
      'I0801 23:59:50.000000  7 solver.cpp:228] Iteration 0, loss = 2.5',
      'I0801 23:59:50.000000  7 solver.cpp:244]     Train net output #0: loss = 2.4 (* 1 = 2.4 loss)',
      'I0802 00:00:20.500000  7 solver.cpp:228] Iteration 20 (0.6 iter/s, 30s/20 iters), loss = 1.5',
      'I0802 00:00:21.000000  7 solver.cpp:337] Iteration 20, Testing net (#0)',
      'I0802 00:00:30.000000  7 solver.cpp:404]     Test net output #0: accuracy = 0.75',
      'I0802 00:00:30.000000  7 solver.cpp:228] Iteration 40, loss = nan',
    ].join('\n');
    expect(progressOf(log, 'train.log')).toEqual([
      { iteration: 0, time: 0, metric: 'loss', series: 'training', value: 2.5 },
      { iteration: 20, time: 30.5, metric: 'loss', series: 'training', value: 1.5 },
      { iteration: 20, time: 40, metric: 'accuracy', series: 'validation', value: 0.75 },
    ]);
  });

  it('as tables are read by their columns; names tell logs apart', () => {
    const csv = 'iteration,time,metric,series,value\n1,0.5,loss,training,2\n2,,accuracy,validation,0.5\n';
    expect(progressOf(csv, 'log.csv', 'A')).toEqual([
      { iteration: 1, time: 0.5, metric: 'loss', series: 'training', value: 2, run: 'A' },
      { iteration: 2, metric: 'accuracy', series: 'validation', value: 0.5, run: 'A' },
    ]);
  });

  it('that are none are refused, with the line', () => {
    expect(() => progressOf('hello\n', 'x.log')).toThrow('x.log: no training progress in it');
    expect(() => progressOf('iteration,loss\n1,2\n', 'x.csv')).toThrow("x.csv:1: there is no column 'value'");
    expect(() => progressOf('iteration,value\n1,2\n2,x\n', 'x.csv')).toThrow(
      "x.csv:3: no number as value: 'x'",
    );
  });
});
