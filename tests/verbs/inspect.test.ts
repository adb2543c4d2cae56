import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectedText } from '../../src/cli/print/network.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { defaultComposite, namedComposite, relevance, ruleName } from '../../src/relevance/index.ts';
import { repeats } from '../../src/verbs/inspect/blocks.ts';
import { inspect } from '../../src/verbs/inspect/index.ts';
import { visionTransformer } from '../transformer.ts';

describe('what repeats', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 });

  test('is alike, follows each other, and is worth folding', () => {
    fc.assert(
      fc.property(texts, (texts) => {
        let at = 0;
        const names = texts.map((text, i) => `${text}.${i % 3}`);
        for (const { start, length, times } of repeats(texts, names)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(length * (times - 1)).toBeGreaterThanOrEqual(4);
          for (let i = start + length; i < start + length * times; i++)
            expect(texts[i]).toBe(texts[i - length]);
          at = start + length * times;
        }
        expect(at).toBeLessThanOrEqual(texts.length);
      }),
    );
  });

  test('is found in full, as its shortest part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 5, max: 12 }), (length, times) => {
        const block = Array.from({ length }, (_, i) => `layer${i}`);
        const texts = ['first', ...Array.from({ length: times }, () => block).flat(), 'last'];
        expect(repeats(texts)).toEqual([{ start: 1, length, times }]);
      }),
    );
  });
});

describe('where a run of blocks begins', () => {
  /** A layer before, blocks with what they end with before them, too (as after a block that shrinks), and a layer behind. */
  const residual = (times: number) => {
    const block = ['Conv', 'Relu', 'Conv', 'Add', 'Relu'];
    const texts = ['Pool', 'Conv down', 'Add', 'Relu'];
    const names = ['pool', 'layer1.0.conv', 'layer1.0.add', 'layer1.0.relu'];
    for (let i = 1; i <= times; i++) {
      texts.push(...block);
      names.push(...block.map((type, k) => `layer1.${i}.${type}${k}`));
    }
    return { texts: [...texts, 'Gemm'], names: [...names, 'fc'] };
  };

  test('is where their names tell that one does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), (times) => {
        const { texts, names } = residual(times);
        expect(repeats(texts, names)).toEqual([{ start: 4, length: 5, times }]);
      }),
    );
  });

  test('is the first place without names', () => {
    const { texts } = residual(4);
    expect(repeats(texts)).toEqual([{ start: 2, length: 5, times: 4 }]);
  });
});

describe('inspect', () => {
  const sizes = {
    channels: 3,
    grid: [2, 2],
    patch: 2,
    heads: 2,
    width: 2,
    hidden: 6,
    blocks: 6,
    classes: 3,
  } as const;
  const model = visionTransformer({ ...sizes, seed: 1, reads: 'token' });
  let dir = '';
  let file = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'limn-inspect-'));
    file = join(dir, 'vit.onnx');
    writeFileSync(file, writeOnnx(model).bytes);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('names the files beside the model that hold its weights', async () => {
    const wide = visionTransformer({ ...sizes, width: 16, hidden: 32, seed: 1, reads: 'token' });
    const { bytes, externalData } = writeOnnx(wide, {
      externalDataPath: 'vit.onnx.data',
      externalDataThreshold: 0,
    });
    const apart = join(dir, 'apart.onnx');
    writeFileSync(apart, bytes);
    writeFileSync(join(dir, 'vit.onnx.data'), Buffer.concat(externalData!.parts));
    const inspected = await inspect({ model: apart }, nodeHost);
    expect(inspected.file).toMatchObject({ bytes: bytes.length, beside: ['vit.onnx.data'] });
    expect(inspectedText(inspected)).toMatch(/weights +beside it, in vit\.onnx\.data/);
    expect((await inspect({ model: file }, nodeHost)).file.beside).toEqual([]);
  });

  test.each([undefined, 'attnlrp', 'epsilon-plus-flat', 'guided-backprop'])(
    'has the rules of an explanation (composite: %s)',
    async (composite) => {
      const inspected = await inspect({ model: file, ...(composite && { composite }) }, nodeHost);
      const name = composite ?? defaultComposite(model);
      const { handling } = relevance(model, { composite: namedComposite(name) });
      expect(inspected.composite).toBe(name);
      const rules = inspected.layers.filter(({ rule }) => rule !== null && rule !== 'merged');
      expect(rules.map(({ name, rule }) => [name, rule]).reverse()).toEqual(
        [...handling].map(([name, applied]) => [name, ruleName(applied)]),
      );
      expect(inspected.layers.filter(({ rule }) => rule === 'merged').map(({ type }) => type)).toEqual(
        Array.from({ length: 36 }, () => 'Add'),
      );
    },
  );

  test('folds blocks, and says what is attention', async () => {
    const inspected = await inspect({ model: file, composite: 'attnlrp' }, nodeHost);
    const [block, ...others] = inspected.blocks;
    expect(others).toEqual([]);
    expect(block.times).toBe(6);
    const attention = inspected.layers.filter(({ form }) => form === 'attention').map(({ type }) => type);
    expect(attention).toEqual(Array.from({ length: 6 }, () => ['MatMul', 'Mul', 'Softmax', 'MatMul']).flat());
    const text = inspectedText(inspected);
    expect(text).toMatch(/MatMul \(attention\) +N×2×5×5 +\S+ +uniform/);
    expect(text).toContain(`×6: those ${block.length} layers again, up to residual2.5`);
    expect(text.split('\n').length).toBeLessThan(block.length + 40);
    expect(text).toMatch(/\d+–\d+ +\S+ +2 × Reshape, Transpose +\S+ +moved/);
    const whole = inspectedText(inspected, true);
    expect(whole).not.toContain('2 × Reshape, Transpose');
    expect(whole.split('\n').length).toBeGreaterThan(6 * block.length);
    // What the rows of the table add up to is what the network has.
    const { layers, total } = inspected;
    expect(layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(total.parameters);
  });

  test('folds blocks that share weights as those that do not, and gives outputs the sizes that they have', async () => {
    const shared = join(dir, 'shared.onnx');
    const { graph } = model;
    const biases = [...graph.constants].filter(
      ([, { type, shape }]) => type === 'float32' && shape.length === 1,
    );
    expect(biases.length).toBeGreaterThan(6);
    // As exporters write biases that are all zero: once for each size.
    const firstOf = new Map<string, string>();
    const other = new Map(
      biases.map(([name, { shape }]) => {
        const key = shape.join();
        if (!firstOf.has(key)) firstOf.set(key, name);
        return [name, firstOf.get(key)!];
      }),
    );
    const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((i) => other.get(i) ?? i) }));
    const outputs = graph.outputs.map((output) => ({ ...output, shape: ['Gemm_dim_0', 3] }));
    writeFileSync(shared, writeOnnx({ ...model, graph: { ...graph, nodes, outputs } }).bytes);
    const { blocks, total, outputs: given } = await inspect({ model: shared }, nodeHost);
    const own = await inspect({ model: file }, nodeHost);
    expect(blocks).toEqual(own.blocks);
    expect(total.parameters).toBeLessThan(own.total.parameters);
    expect(given.map(({ shape }) => shape)).toEqual([['N', 3]]);
  });

  test('says why numbers are left out or come twice, where they do', async () => {
    const inspected = await inspect({ model: file }, nodeHost);
    const numbered = (...numbers: number[]) => {
      const layers = numbers.map((index) => ({ ...inspected.layers[0], index }));
      const total = { ...inspected.total, layers: 4 };
      return inspectedText({ ...inspected, layers, total, blocks: [] })
        .split('\n')
        .at(-2);
    };
    expect(numbered(0, 1, 2, 3)).toMatch(/^4 layers, /);
    expect(numbered(0, 1, 3)).toMatch(
      /^numbers are those that --up-to counts, .*: a number left out is that of a split/,
    );
    expect(numbered(0, 1, 2, 2, 3)).toMatch(/Caffe does: operations that were one layer share its number$/);
    expect(numbered(0, 2, 2, 3)).toMatch(/take one value; operations/);
  });

  test('refuses a composite that does not exist, and says nothing of rules for what cannot be explained', async () => {
    await expect(inspect({ model: file, composite: 'none' }, nodeHost)).rejects.toMatchObject({
      kind: 'request',
    });
    const bare = join(dir, 'bare.onnx');
    writeFileSync(bare, writeOnnx({ graph: model.graph, info: { heads: [], provenance: {} } }).bytes);
    const inspected = await inspect({ model: bare }, nodeHost);
    expect(inspected.composite).toBeNull();
    expect(inspected.layers.every(({ rule }) => rule === null)).toBe(true);
    expect(inspected.obstacle).toMatch(/output/);
    expect(inspectedText(inspected)).toContain(`not: ${inspected.obstacle}`);
    await expect(inspect({ model: bare, composite: 'epsilon' }, nodeHost)).rejects.toMatchObject({
      kind: 'request',
    });
  });
});
