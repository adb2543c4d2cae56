import type { LabelledPicture, Setup, TrialOptions } from '../../../src/evaluation/doctor/index.ts';
import {
  float32,
  type Graph,
  GraphBuilder,
  type Head,
  type Preprocessing,
} from '../../../src/graph/index.ts';
import { type Image, image } from '../../../src/image/index.ts';
import { nodeRuntime } from '../../../src/runtime/onnxruntime.node.ts';

/*
 * A task in which everything about the preparation matters: photos of three brightnesses, cold or warm (red minus
 * blue), in the middle; all around is a trap. The network averages its input and compares it with fixed bounds.
 */

export const labels = ['dark cold', 'dark warm', 'grey cold', 'grey warm', 'bright cold', 'bright warm'];
export const head: Head = { name: 'class', output: 'prob', kind: 'classes', labels };

/** How photos of the task are prepared rightly. */
export const right: Preprocessing = {
  resize: { height: 18, width: 18, mode: 'shorter-side' },
  crop: { height: 16, width: 16 },
  channels: 'rgb',
  mean: [137.5, 125, 112.5],
  scale: 1 / 255,
};

export interface NetOptions {
  /** What a pixel's level is in the network's eyes. */
  readonly unit?: number;
  /** ONNX's attribute of the pooling layer. */
  readonly ceil?: 0 | 1;
  readonly softmaxes?: number;
}

/** The network that was "trained" on photos prepared so. Its dense layer fits pooling windows counted up only. */
export function net({ unit = 1 / 255, ceil = 1, softmaxes = 1 }: NetOptions = {}): Graph {
  const b = new GraphBuilder('task');
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, 16, 16] });
  const attributes = { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: ceil };
  b.node({ name: 'pool', op: 'AveragePool', inputs: [data], outputs: ['pool'], attributes });
  b.node({ name: 'flat', op: 'Flatten', inputs: ['pool'], outputs: ['flat'], attributes: { axis: 1 } });
  // Sharp scores, as a trained network's.
  const sharpness = 0.4 / unit / 64;
  const weight = float32([6, 192], new Float32Array(6 * 192));
  const bias = float32([6], new Float32Array(6));
  for (let brightness = 0; brightness < 3; brightness++) {
    for (let warm = 0; warm < 2; warm++) {
      const row = 2 * brightness + warm;
      const sign = warm === 1 ? 0.5 : -0.5;
      const share = [(brightness - 1) / 3 + sign, (brightness - 1) / 3, (brightness - 1) / 3 - sign];
      for (const [c, each] of share.entries()) {
        weight.data.fill(each * sharpness, row * 192 + c * 64, row * 192 + (c + 1) * 64);
      }
      bias.data[row] = brightness === 1 ? 12.5 * unit * sharpness * 64 : 0;
    }
  }
  const inputs = ['flat', b.weight('fc.weight', weight), b.weight('fc.bias', bias)];
  b.node({ name: 'fc', op: 'Gemm', inputs, outputs: ['fc'], attributes: { transB: 1 } });
  let scores = 'fc';
  for (let i = softmaxes; i > 0; i--) {
    const output = i === 1 ? 'prob' : `softmax${i}`;
    b.node({ name: output, op: 'Softmax', inputs: [scores], outputs: [output], attributes: { axis: 1 } });
    scores = output;
  }
  b.output(scores, { name: 'prob', type: 'float32', shape: ['N', 6] });
  return b.build();
}

/** Numbers from 0 to 1 that look random and are the same each time. */
export function randomly(seed: number): () => number {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A photo of a class; `blur` of 1 leaves hardly any in doubt, of 4 about a half. */
export function photo(truth: number, random: () => number, blur = 1): Image {
  const normal = () => random() + random() + random() + random() - 2;
  const brightness = 100 + 25 * Math.floor(truth / 2) + 6 * blur * normal();
  const warmth = 50 * (truth % 2) + 12 * blur * normal();
  const trap = [random() < 0.5 ? 10 : 240, random() < 0.5 ? 10 : 240, random() < 0.5 ? 10 : 240];
  const out = image(54, 36);
  for (let y = 0; y < 36; y++) {
    for (let x = 0; x < 54; x++) {
      const inside = y >= 2 && y < 34 && x >= 11 && x < 43;
      const grain = 16 * (random() - 0.5);
      const colour = inside ? [brightness + warmth / 2, brightness, brightness - warmth / 2] : trap;
      colour.forEach((value, c) => {
        out.data[3 * (54 * y + x) + c] = Math.min(255, Math.max(0, Math.round(value + grain)));
      });
    }
  }
  return out;
}

/** Photos with their classes, in turn; `labelled` says how a class is (perhaps wrongly) labelled. */
export function photos(
  n: number,
  seed: number,
  blur = 1,
  labelled = (truth: number) => truth,
): LabelledPicture[] {
  const random = randomly(seed);
  return Array.from({ length: n }, (_, i) => {
    const picture = photo(i % 6, random, blur);
    return { name: `photo ${i}`, truth: labelled(i % 6), picture: async () => picture };
  });
}

export const setup = (how: Preprocessing = right, graph: Graph = net()): Setup => ({ graph, how });

export const conditions = (sample: readonly LabelledPicture[]): TrialOptions => ({
  head,
  link: undefined,
  sample,
  workers: 1,
  decoders: 2,
  load: (graph) => nodeRuntime.load(graph, { threads: 1 }),
});
