import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importCaffe, parseLabels } from '../../src/caffe/index.ts';
import { table } from '../../src/cli/table.ts';
import { parseImageList } from '../../src/data/lists/imagelist.ts';
import { readJournal } from '../../src/data/lmdb/journal.node.ts';
import { parseManifest } from '../../src/data/manifest.ts';
import { parseAnswers } from '../../src/evaluation/table.ts';
import { GraphBuilder } from '../../src/graph/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { readPlan, readSpec } from '../../src/plan/index.ts';
import { headOf } from '../../src/relevance/scores.ts';
import { progressOf } from '../../src/report/charts/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'limn-growth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Search = (this: unknown[], ...given: never[]) => unknown;

/**
 * How many elements of arrays some work goes through: those that are searched, copied and walked. Searches within a loop
 * show as squares here.
 */
async function walked(work: () => unknown): Promise<number> {
  const names = [
    'indexOf',
    'includes',
    'find',
    'findIndex',
    'findLast',
    'some',
    'every',
    'slice',
    'concat',
  ] as const;
  const { prototype } = Array as unknown as { prototype: Record<string | symbol, Search> };
  const kept = [...names, Symbol.iterator].map((name) => [name, prototype[name]] as const);
  let total = 0;
  for (const [name, own] of kept) {
    prototype[name] = function (...given) {
      total += this.length;
      return own.apply(this, given);
    };
  }
  try {
    await work();
  } finally {
    for (const [name, own] of kept) prototype[name] = own;
  }
  return total;
}

const repeat = (n: number, each: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => each(i)).join('');
const net = 'name: "net"\ninput: "data"\ninput_dim: 1\ninput_dim: 3\ninput_dim: 8\ninput_dim: 8\n';
const definition = (content: string) =>
  importCaffe({ prototxt: { name: 'net.prototxt', content }, converter: 'limn' });

function onnx(build: (b: GraphBuilder, x: string) => string): Uint8Array {
  const b = new GraphBuilder('net');
  const y = build(b, b.input({ name: 'x', type: 'float32', shape: [1, 3, 4, 4] }));
  b.output(y, { name: y, type: 'float32', shape: [] });
  return writeOnnx({ graph: b.build(), info: { heads: [], provenance: {} } }).bytes;
}

/** What is read by each reader, of any size: the text or bytes are made before the walk is counted. */
const readers: Readonly<Record<string, (n: number) => () => unknown>> = {
  'layers in a row': (n) => {
    const text =
      net +
      repeat(
        n,
        (i) => `layer { name: "r${i}" type: "ReLU" bottom: "${i ? `b${i - 1}` : 'data'}" top: "b${i}" }\n`,
      );
    return () => definition(text);
  },
  'layers in place': (n) => {
    const text = net + repeat(n, (i) => `layer { name: "r${i}" type: "ReLU" bottom: "data" top: "data" }\n`);
    return () => definition(text);
  },
  'many bottoms': (n) => {
    const text = `${net}layer { name: "c" type: "Concat" ${repeat(n, () => 'bottom: "data" ')} top: "c" }`;
    return () => definition(text);
  },
  'nodes in a row': (n) => {
    const bytes = onnx((b, x) =>
      Array.from({ length: n }).reduce<string>((value) => b.op('Relu', [value]), x),
    );
    return () => readOnnx(bytes, 'm.onnx');
  },
  'many inputs of a node': (n) => {
    const bytes = onnx((b, x) =>
      b.op(
        'Concat',
        Array.from({ length: n }, (_, i) => b.op('Pow', [x, b.scalar(i)])),
        { axis: 1 },
      ),
    );
    return () => readOnnx(bytes, 'm.onnx');
  },
  'columns of a manifest': (n) => {
    const text = `${repeat(n, (i) => `c${i},`)}path,label\n${repeat(n, () => '1,')}a,b\n`;
    return () => parseManifest(text, 'm.csv');
  },
  'rows of a manifest': (n) => {
    const text = `path,label\n${repeat(n, (i) => `a${i},b\n`)}`;
    return () => parseManifest(text, 'm.csv');
  },
  'lines of a list': (n) => {
    const text = repeat(n, (i) => `a${i} 1\n`);
    return () => parseImageList(text, 'l.txt');
  },
  'class names': (n) => {
    const text = repeat(n, (i) => `n00000000 l${i}\n`);
    return () => parseLabels(text, 'l.txt');
  },
  'classes of answers': (n) => {
    const text = `image,truth${repeat(n, (i) => `,score_${i}`)}\na,0${repeat(n, () => ',1')}\n`;
    return async () => {
      for await (const _ of parseAnswers([text], 'a.csv'));
    };
  },
  'parts of a record': (n) => {
    const parts = ['image,truth,score_0\n"', ...Array.from({ length: n }, () => 'a'), '",0,1\n'];
    return async () => {
      for await (const _ of parseAnswers(parts, 'a.csv'));
    };
  },
  'batches of a build': (n) => {
    const line = (i: number) =>
      JSON.stringify({
        done: i,
        skipped: ['s'],
        nextPage: i,
        entries: i,
        overflowPages: 0,
        leaves: [['k', i]],
      });
    const path = join(folder, `journal-${n}`);
    writeFileSync(path, `id\n${repeat(n, (i) => `${line(i)}\n`)}`);
    return () => readJournal(path, 'id');
  },
  'fields of a specification': (n) => {
    const text = `definitions: x\ntrain: { solver: a }\nvariables:\n${repeat(n, (i) => `  v${i}: 1\n`)}`;
    return () => readSpec(text, 's.yaml');
  },
  'units of a plan': (n) => {
    const unit = (i: number) => ({
      id: `i${i}`,
      name: 'n',
      kind: 'k',
      folder: `f${i}`,
      verb: 'evaluate',
      request: {},
      inputs: [],
      outputs: [],
      needs: i ? [`i${i - 1}`] : [],
    });
    const text = JSON.stringify({
      format: 'limn plan 2',
      limn: '1',
      units: Array.from({ length: n }, (_, i) => unit(i)),
    });
    return () => readPlan(text, 'p.json');
  },
  "outputs in a log of Caffe's": (n) => {
    const text = `I0801 12:34:56.789012 1 x] Iteration 1, Testing net (#0)\n${repeat(n, (i) => `Test net output #${i}: prob = 0.5\n`)}`;
    return () => progressOf(text, 'x.log');
  },
  'rows of a table': (n) => {
    const rows = Array.from({ length: n }, (_, i) => [`row ${i}`, 'x']);
    return () => table([{ title: 'a' }, { title: 'b' }], rows);
  },
};

describe('what is read grows in work as it grows in size', () => {
  it.each(Object.keys(readers))('%s', async (name) => {
    const make = readers[name];
    await walked(make(10));
    const [small, large] = [await walked(make(400)), await walked(make(1600))];
    // Four times as much; searches in a loop would make it sixteen times.
    expect(large).toBeLessThanOrEqual(5 * small + 1000);
  });
});

describe('what is very large', () => {
  it('does not outgrow the stack: a node of 200,000 inputs, a table of as many rows', () => {
    const n = 200_000;
    const bytes = onnx((b, x) => {
      const relu = b.op('Relu', [x]);
      return b.op(
        'Concat',
        Array.from({ length: n }, () => relu),
        { axis: 1 },
      );
    });
    const model = readOnnx(bytes, 'm.onnx');
    expect(model.graph.nodes.at(-1)!.inputs).toHaveLength(n);
    const heads = (['a', 'b'] as const).map((name) => ({
      name,
      output: model.graph.outputs[0].name,
      kind: 'classes' as const,
    }));
    expect(headOf({ ...model, info: { ...model.info, heads } }).name).toBe('a');
    expect(
      table(
        [{ title: 'a' }],
        Array.from({ length: n }, () => ['x']),
      ).length,
    ).toBe(2 * n + 2);
  });

  it('is refused where it could not be held, with the number and the limit', () => {
    expect(() =>
      readSpec(
        `definitions: x\nseeds: [${repeat(30, (i) => `${1000 * i}-${1000 * i + 999},`)}]\ntrain: { solver: a }`,
        's.yaml',
      ),
    ).toThrow('s.yaml:2:225: more than 20000 numbers; make several plans');
    const deep = `definitions: ${'['.repeat(100_000)}`;
    expect(() => readSpec(deep, 's.yaml')).toThrow(/nested too deep/);
    expect(() => definition('#'.repeat(2 ** 26 + 1))).toThrow(
      'net.prototxt: 67,108,865 letters, at most 67,108,864 are read of a file of this kind',
    );
    async function answers() {
      const endless = Array.from({ length: 70 }, () => '"a'.padEnd(2 ** 20, 'a')).map((part, i) =>
        i ? part.slice(2) : part,
      );
      for await (const _ of parseAnswers(endless, 'a.csv'));
    }
    return expect(answers()).rejects.toThrow('a.csv: a quote in it is never closed');
  });
});
