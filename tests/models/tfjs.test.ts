import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, type Graph, type Tensor } from '../../src/graph/index.ts';
import { readTeachableMachine, readTfjsModel, readTfjsWeights, tfjsShards } from '../../src/models/index.ts';
import { infer, lower } from '../../src/operators/index.ts';
import { runGraph } from '../run.ts';

const path = (name: string) => fileURLToPath(new URL(`../fixtures/tfjs/${name}`, import.meta.url));
const text = (name: string) => readFileSync(path(name), 'utf8');
const filesOf = (name: string, change: (json: string) => string = (json) => json) => ({
  model: { name: 'model.json', content: change(text(`${name}/model.json`)) },
  weights: { name: 'weights.bin', content: new Uint8Array(readFileSync(path(`${name}/weights.bin`))) },
});
const expectedOf = (name: string) => JSON.parse(text(`${name}/expected.json`));

/** N×H×W×C as N×C×H×W, literally. */
function channelsFirst({ shape, data }: { shape: [number, number, number, number]; data: number[] }) {
  const [n, h, w, c] = shape;
  const moved = new Float32Array(data.length);
  data.forEach((value, i) => {
    const [image, pixel, channel] = [Math.floor(i / (h * w * c)), Math.floor(i / c) % (h * w), i % c];
    moved[(image * c + channel) * h * w + pixel] = value;
  });
  return float32([n, c, h, w], moved);
}

/** What a call fails with; empty where it does not. */
function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

async function scores(graph: Graph, x: Tensor): Promise<Tensor> {
  infer(graph);
  return (await runGraph(lower(graph), { [graph.inputs[0].name]: x }))[graph.outputs[0].name];
}

describe('models of TensorFlow.js compute what TensorFlow.js 4.22 computes', () => {
  it.each(['teachable', 'layers', 'graph'])('%s', async (name) => {
    const { x, y } = expectedOf(name);
    const graph = readTfjsModel(filesOf(name));
    expect(graph.inputs[0].shape).toEqual(['N', ...[3, 1, 2].map((i) => x.shape[i])]);
    const { shape, data } = await scores(graph, channelsFirst(x));
    expect(shape).toEqual(y.shape);
    for (const [i, value] of y.data.entries()) expect(data[i]).toBeCloseTo(value, 4);
  });
});

describe('what a model.json says', () => {
  it('names its files', () => {
    expect(tfjsShards(filesOf('teachable').model)).toEqual(['./weights.bin']);
    expect(() => tfjsShards({ name: 'a.json', content: '{}' })).toThrow(/^a\.json: this is no model\.json/);
    // A bundle for browsers, and face-api's manifest of weights.
    for (const content of ['!function(e){module.exports=e()}', '[{"weights":[],"paths":[]}]'])
      expect(() => tfjsShards({ name: 'a.js', content })).toThrow(
        /^a\.js: .*; give the model\.json, no script/,
      );
  });

  it('is refused by layer where something is not supported or missing', () => {
    const broken = (name: string, from: string, to: string) => () =>
      readTfjsModel(filesOf(name, (json) => json.replaceAll(from, to)));
    expect(broken('layers', '"class_name":"SeparableConv2D"', '"class_name":"LSTM"')).toThrow(
      /^model\.json: layer 'separable': layers of type LSTM are not supported; known: .*Conv2D/,
    );
    expect(broken('layers', '"name":"hidden/kernel"', '"name":"hidden/other"')).toThrow(
      /layer 'hidden': its weights 'hidden\/kernel' are missing/,
    );
    expect(broken('layers', '"activation":"tanh"', '"activation":"nice"')).toThrow(/'nice' is not supported/);
    expect(broken('layers', 'channels_last', 'channels_first')).toThrow(/channels before height/);
    expect(broken('graph', '"op":"Softmax"', '"op":"Where"')).toThrow(
      /^model\.json: layer 'probabilities': the operation Where is not supported; known: /,
    );
    expect(broken('graph', '"size":"9"', '"size":"-1"')).toThrow(
      /layer 'image': its input \[-1,-1,7,3\] has no fixed/,
    );
    expect(broken('graph', '"name":"conv/b","op":"Const"', '"name":"conv/x","op":"Const"')).toThrow(
      /layer 'conv': there is no 'conv\/b', its input/,
    );
  });

  it('is refused with all that is not supported, before weights are asked for', () => {
    const kinds = ['Conv2D', 'Dense', 'ReLU', 'LSTM', 'Lambda', 'constructor', 'MultiHeadAttention'];
    const activations = ['relu', 'hard_sigmoid', undefined, 'nice', 'log_softmax'];
    const layer = fc.record({
      class_name: fc.constantFrom(...kinds),
      activation: fc.constantFrom(...activations),
      nested: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 40 }), (given) => {
        const named = given.map(({ class_name, activation, nested }, i) => {
          const own = { class_name, config: { name: `l${i}`, ...(activation && { activation }) } };
          return nested ? { class_name: 'Sequential', config: { layers: [own] } } : own;
        });
        const input = {
          class_name: 'InputLayer',
          config: { name: 'in', batch_input_shape: [null, 8, 8, 3] },
        };
        const model_config = { class_name: 'Sequential', config: { layers: [input, ...named] } };
        const content = JSON.stringify({ modelTopology: { model_config }, weightsManifest: [] });
        const message = messageOf(() => tfjsShards({ name: 'm.json', content }));
        const refused = given.flatMap(({ class_name, activation }, i) => {
          if (kinds.indexOf(class_name) > 2) return [{ what: class_name, layer: `'l${i}'` }];
          const isOdd = activation !== undefined && activations.indexOf(activation) > 2;
          return isOdd ? [{ what: `activation '${activation}'`, layer: `'l${i}'` }] : [];
        });
        expect(message === '').toBe(refused.length === 0);
        for (const { what, layer } of refused) {
          const layers = refused.filter((each) => each.what === what).map((each) => each.layer);
          expect(message).toContain(what);
          if (layers.indexOf(layer) < 3) expect(message).toContain(layer);
          if (layers.length > 1) expect(message).toContain(`${what} (${layers.length} layers: '`);
        }
        if (refused.length > 1)
          expect(message).toContain(
            `m.json: ${refused.length} layers have types or activations that are not`,
          );
        const weights = { name: 'w', content: new Uint8Array() };
        if (refused.length > 0)
          expect(messageOf(() => readTfjsModel({ model: { name: 'm.json', content }, weights }))).toBe(
            message,
          );
      }),
    );
  });

  it('is refused with all operations that are not supported, what is merged into them included', () => {
    const node = (name: string, op: string, ...steps: string[]) => ({
      name,
      op,
      attr: { fused_ops: { list: { s: steps.map((step) => btoa(step)) } } },
    });
    const messageFor = (...nodes: object[]) =>
      messageOf(() =>
        tfjsShards({
          name: 'm.json',
          content: JSON.stringify({ modelTopology: { node: nodes }, weightsManifest: [] }),
        }),
      );
    const relu = node('a', '_FusedConv2D', 'BiasAdd', 'Relu6');
    const nice = node('b', '_FusedConv2D', 'BiasAdd', 'Nice');
    expect(messageFor(relu, node('c', 'Const'))).toBe('');
    expect(messageFor(relu, nice)).toMatch(
      /^m\.json: layer 'b': the operation _FusedConv2D with Nice is not supported; known: /,
    );
    expect(messageFor(nice, node('w', 'Where'), relu, node('x', 'Where'), node('y', 'toString'))).toMatch(
      "m.json: 4 nodes have 3 operators that are not supported: Where (2 nodes: 'w', 'x'), _FusedConv2D with Nice ('b'), toString ('y'); ",
    );
  });

  it('names nodes by their layers, not by the calls around them', () => {
    const namesOf = (change?: (json: string) => string) =>
      readTfjsModel(filesOf('graph', change)).nodes.map(({ name }) => name);
    // Names of operations, wherever they stand: inputs, outputs, the signature.
    const names = namesOf();
    const wrapped = namesOf((json) =>
      json.replaceAll(
        `"${names[1]}`,
        `"StatefulPartitionedCall/StatefulPartitionedCall/PartitionedCall_1/${names[1]}`,
      ),
    );
    expect(wrapped).toEqual(names);
  });

  it('takes the size of pictures from the caller where the file leaves it open', () => {
    const open = filesOf('graph', (json) => json.replaceAll('"size":"9"', '"size":"-1"'));
    const graph = readTfjsModel(open, { inputShape: [1, 9, 7, 3] });
    expect(graph.inputs[0].shape).toEqual(['N', 3, 9, 7]);
  });

  it('reads Teachable Machine’s labels and preparation', () => {
    const read = readTeachableMachine('metadata.json', text('teachable/metadata.json'))!;
    expect(read.labels).toEqual(['cat', 'dog', 'none']);
    expect(read.fields).toMatchObject({ resize: 16, crop: 16, mean: [127, 127, 127], scale: 1 / 127 });
    expect(readTeachableMachine('metadata.json', '{"a": 1}')).toBeUndefined();
  });
});

it('weights of all types are read: quantised, of 16 bits, whole numbers', () => {
  const spec = (name: string, dtype: string, quantization?: object) => ({
    name,
    shape: [2],
    dtype,
    quantization,
  });
  const manifest = JSON.stringify([
    {
      weights: [
        spec('a', 'float32', { dtype: 'uint8', scale: 0.5, min: -1 }),
        spec('b', 'float32', { dtype: 'uint16', scale: 0.25, min: 3 }),
        spec('c', 'float32', { dtype: 'float16' }),
        spec('d', 'int32'),
        spec('e', 'bool'),
      ],
    },
  ]);
  const bytes = Uint8Array.from([
    0, 255, 0, 0, 255, 255, 0, 0x3c, 0, 0xc1, 7, 0, 0, 0, 255, 255, 255, 255, 1, 0,
  ]);
  const read = readTfjsWeights(manifest, bytes, { manifest: 'm', weights: 'w' });
  expect([...read.values()].map(({ data }) => [...data])).toEqual([
    [-1, 126.5],
    [3, 16386.75],
    [1, -2.5],
    [7, -1],
    [1, 0],
  ]);
});
