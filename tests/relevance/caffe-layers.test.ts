import { expect, it } from 'vitest';
import { importNet, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { float32, int64 } from '../../src/graph/index.ts';
import { balances, namedComposite, relevance } from '../../src/relevance/index.ts';
import { noise } from '../nets.ts';
import { runGraph } from '../run.ts';

const layer = (type: string, bottoms: string, params = '') =>
  `layer { name: "y" type: "${type}" ${bottoms
    .split(' ')
    .map((bottom) => `bottom: "${bottom}"`)
    .join(' ')} top: "y" ${params} }`;
const conv = (top: string) =>
  `layer { name: "${top}" type: "Convolution" bottom: "data" top: "${top}" convolution_param { num_output: 4 kernel_size: 3 } }\n`;
const gate = `layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE global_pooling: true } }
  layer { name: "a" type: "Sigmoid" bottom: "p" top: "a" }\n`;

/* From the scores of one class to the pixels, through each layer that forks of Caffe brought. */
it.each([
  ['Axpy', gate + layer('Axpy', 'a c d')],
  ['ShuffleChannel', layer('ShuffleChannel', 'c', 'shuffle_channel_param { group: 2 }')],
  ['Permute', layer('Permute', 'c', 'permute_param { order: 0 order: 2 order: 3 order: 1 }')],
  ['Normalize', layer('Normalize', 'c', 'norm_param { across_spatial: false channel_shared: false }')],
  ['MVN', layer('MVN', 'c')],
  ['BN', layer('BN', 'c')],
  ["SegNet's BN", layer('BN', 'c', 'bn_param { bn_mode: INFERENCE }')],
  ['BatchNorm', layer('BatchNorm', 'c', 'batch_norm_param { scale_bias: true }')],
  ['Tile', layer('Tile', 'c', 'tile_param { axis: 2 tiles: 2 }')],
  ['Reduction', layer('Reduction', 'c', 'reduction_param { operation: ASUM axis: 2 }')],
  [
    'ceil_mode',
    layer('Pooling', 'c', 'pooling_param { pool: AVE kernel_size: 3 stride: 2 ceil_mode: false }'),
  ],
])('relevance passes %s: what starts arrives, but for what is booked as lost', async (_, middle) => {
  const text = `input: "data" input_shape { dim: [1, 3, 8, 8] }\n${conv('c')}${conv('d')}${middle}
    layer { name: "fc" type: "InnerProduct" bottom: "y" top: "fc" inner_product_param { num_output: 3 } }`;
  const definition = upgradeNet(parsePrototxt(text, 'net'), 'net');
  const empty = importNet(definition, 'net');
  // Zeros as weights explain nothing: numbered noise, and variances that are none.
  const constants = new Map(
    [...empty.graph.constants].map(([name, tensor], i) => {
      if (tensor.type !== 'float32' || tensor.shape.length === 0) return [name, tensor] as const;
      const values = noise(tensor.shape, i + 1);
      return [
        name,
        name.endsWith('variance')
          ? float32(
              tensor.shape,
              values.data.map((v) => v ** 2 + 0.5),
            )
          : values,
      ] as const;
    }),
  );
  const model = { ...empty, graph: { ...empty.graph, constants } };
  const { graph, sums } = relevance(model, { composite: namedComposite('epsilon'), conservation: true });
  const outputs = await runGraph(graph, { data: noise([1, 3, 8, 8], 9), target: int64([1], [2]) });
  const balance = balances(sums, outputs, 0);
  const lost = balance.reduce((sum, l) => sum + l.bias + l.stabiliser + l.padding + l.other, 0);
  const pixels = [...(outputs.relevance.data as Float32Array)];
  const arrived = pixels.reduce((sum, v) => sum + v, 0);
  const start = Number(outputs.scores.data[2]);
  const scale = balance.reduce((most, l) => Math.max(most, Math.abs(l.passed)), Math.abs(start));
  expect(pixels.some((v) => v !== 0)).toBe(true);
  expect(pixels.every(Number.isFinite)).toBe(true);
  expect(Math.abs(start - lost - arrived) / scale).toBeLessThan(1e-4);
});
