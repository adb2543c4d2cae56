import { join } from 'node:path';
import { type Explanation, targetName } from '../attribution/index.ts';
import type { Write } from '../common/atomic.node.ts';
import { fail, failRequest } from '../common/error.ts';
import { float32, type Head, type Preprocessing, type Tensor } from '../graph/index.ts';
import {
  type ChannelReduction,
  type HeatmapScale,
  heatmaps,
  limitOf,
  type ScalarMap,
} from '../image/index.ts';
import type { Balance } from '../relevance/index.ts';
import { fileName } from './output.ts';
import { type Ranked, ranked } from './scores.ts';

/** How raw relevance is written. */
export type RawFormat = 'npy' | 'rawhm' | 'none';

/** One image's explanation, in numbers. */
export interface Reading {
  readonly photo: string;
  /** The target as people read it, and its classes. */
  readonly name: string;
  readonly target: Explanation['targets'][number];
  /** The explained score, before softmax. */
  readonly score: number;
  /** The best classes and those explained, or the one value of an output that is a number. */
  readonly scores: readonly (Ranked & { readonly explained: boolean })[];
  readonly relevance: { readonly sum: number; readonly least: number; readonly largest: number };
  readonly conservation?: readonly Balance[];
  readonly completeness?: { readonly attributed: number; readonly difference: number };
}

/** Reads what an explanation says of the image in its `row`. */
export function read(photo: string, explanation: Explanation, row: number, head: Head, top: number): Reading {
  const target = explanation.targets[row]!;
  const { classes, against } = target;
  const explained = new Set([...classes, ...against]);
  const scores = rowOf(explanation.scores, row).data;
  const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + scores[index]!, 0);
  const values = rowOf(explanation.output, row).data;
  const isNumber = head.kind === 'number';
  const all = isNumber
    ? [{ index: 0, label: head.name, value: values[0]! }]
    : ranked(values, head, Number.POSITIVE_INFINITY);
  return {
    photo,
    name: isNumber ? head.name : targetName(target, head),
    target,
    score: sum(classes) - sum(against),
    scores: all
      .map((each) => ({ ...each, explained: explained.has(each.index) }))
      .filter((each, rank) => rank < top || each.explained),
    relevance: rangeOf(rowOf(explanation.relevance, row).data),
    ...(explanation.conservation && { conservation: explanation.conservation[row]! }),
    ...(explanation.completeness && { completeness: explanation.completeness[row]! }),
  };
}

/** A heatmap and the value at the ends of its colours. */
export interface Heat {
  readonly map: ScalarMap;
  readonly limit: number;
}

/** The heatmap of the image in a `row`. */
export function heatOf(
  explanation: Explanation,
  row: number,
  pooling: ChannelReduction,
  scale: HeatmapScale,
  photo: string,
): Heat {
  const [map] = heatmaps(rowOf(explanation.relevance, row), pooling, photo);
  return { map: map!, limit: limitOf(map!, scale) };
}

/**
 * Writes the relevance of the image in a `row` (of all, without one) at the input and at the layers asked for, and
 * returns the files' paths.
 */
export async function writeRaw(
  out: Write,
  folder: string,
  stem: string,
  explanation: Explanation,
  formats: readonly RawFormat[],
  how: Preprocessing | undefined,
  row?: number,
): Promise<Record<string, string>> {
  const { writeNpy, writeRawHeatmap } = await import('../image/index.ts');
  const of = (tensor: Tensor<'float32'>) => (row === undefined ? tensor : rowOf(tensor, row));
  const files: Record<string, string> = {};
  const write = async (kind: string, name: string, data: Uint8Array | string) => {
    files[kind] = join(folder, name);
    await out(files[kind], data);
  };
  if (formats.includes('npy')) {
    await write('relevance', `${stem}.npy`, writeNpy(of(explanation.relevance)));
    for (const [layer, relevance] of Object.entries(explanation.layers)) {
      await write(`relevance:${layer}`, `${stem}_${fileName(layer)}.npy`, writeNpy(of(relevance)));
    }
  }
  if (formats.includes('rawhm')) {
    const order = how?.channels === 'rgb' ? 'rgb' : 'bgr';
    const images = row === undefined ? explanation.relevance.shape[0]! : 1;
    for (let i = 0; i < images; i++) {
      const name = images === 1 ? stem : `${stem}-${i}`;
      await write(
        images === 1 ? 'rawhm' : `rawhm ${i}`,
        `${name}_rawhm.txt`,
        writeRawHeatmap(rowOf(explanation.relevance, row ?? i), order),
      );
    }
  }
  return files;
}

/** Errors: a format beside none; text heatmaps, which have three channels, of a network that takes others. */
export function checkFormats(formats: readonly RawFormat[], channels: unknown): void {
  if (formats.includes('none') && formats.length > 1) failRequest('--raw', "'none' excludes other formats");
  if (formats.includes('rawhm') && channels !== 3) {
    fail('--raw rawhm', `the format is for 3 channels, the network takes ${channels}`, 'write npy');
  }
}

function rowOf(tensor: Tensor<'float32'>, row: number): Tensor<'float32'> {
  const each = tensor.data.length / tensor.shape[0]!;
  return float32([1, ...tensor.shape.slice(1)], tensor.data.subarray(row * each, (row + 1) * each));
}

function rangeOf(data: Float32Array): Reading['relevance'] {
  let [sum, least, largest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    sum += value;
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return { sum, least, largest };
}
