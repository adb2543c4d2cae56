import { describe, expect, test } from 'vitest';
import { relevance } from '../../src/relevance/index.ts';
import { readArray, referenceModel, referenceNets, relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { compositeOf, targetOf, withMean } from './cases.ts';

/**
 * How far the input's relevance may be from the original's, as a share of its largest value: what reordering sums in
 * float32 does to the original itself (spec/lrp.md), by formula code on GoogLeNet with real weights. Its gradient
 * (code 11) jumps by up to 2e-2 when the input changes by 1e-7: near ties of max pooling change their winner.
 */
const bounds: Readonly<Record<number, number>> = { 0: 4e-2, 2: 2e-4, 11: 3e-2, 166: 1e-5 };
const boundOf = (net: string, formula: number) =>
  net.startsWith('tiny_') ? 1e-5 : (bounds[formula] ?? 7e-4);

for (const net of referenceNets().filter(({ manifest }) => manifest.cases.length > 0)) {
  describe(`${net.name} agrees with the original`, () => {
    const model = referenceModel(net);
    const input = readArray(`${net.dir}input.npy`);

    test.each(net.manifest.cases)('$case', async (c) => {
      const { graph } = relevance(withMean(model, c), { composite: compositeOf(c) });
      const { relevance: made } = await runGraph(graph, {
        [model.graph.inputs[0].name]: input,
        target: targetOf(c),
      });
      const expected = readArray(`${net.dir}relevance/${c.case}.npy`);
      expect(made.shape).toEqual(expected.shape);
      expect(relativeError(made, expected)).toBeLessThan(boundOf(net.name, c.formula));
    });

    const [plain, drawn] = [11, 99].map((code) => net.manifest.cases.find(({ formula }) => formula === code));
    test.runIf(plain && drawn)("code 99's raw relevance is code 11's: its norm is for drawing only", () => {
      const [a, b] = [plain, drawn].map((c) => readArray(`${net.dir}relevance/${c!.case}.npy`));
      expect(b).toEqual(a);
    });
  });
}
