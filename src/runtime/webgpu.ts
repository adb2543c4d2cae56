import type { Graph, Shape } from '../graph/index.ts';
import { infer } from '../operators/index.ts';

/** A GPU that the browser offers. */
export interface Gpu {
  /** Who made it and what it is, as far as the browser says; empty where it says nothing. */
  readonly name: string;
  /** Whether a processor only plays its part, many times slower than WebAssembly. */
  readonly software: boolean;
}

/** What TypeScript's types of a page do not know of WebGPU. */
interface WebGpu {
  requestAdapter(): Promise<{
    readonly isFallbackAdapter?: boolean;
    readonly info?: Readonly<Record<'vendor' | 'architecture' | 'description', string>> & {
      readonly isFallbackAdapter?: boolean;
    };
  } | null>;
}

/** The GPU that the browser offers a page or its worker; undefined where it offers none. */
export async function findGpu(): Promise<Gpu | undefined> {
  const { gpu } = navigator as { gpu?: WebGpu };
  const adapter = await gpu?.requestAdapter();
  if (!adapter) return undefined;
  const { vendor = '', architecture = '', description = '', isFallbackAdapter } = adapter.info ?? {};
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  // Not every browser says of all of them that they stand in for a GPU.
  const named = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;
  const software = isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return { name, software: software || named.test(`${vendor} ${architecture} ${description}`) };
}

export type TensorLayout = 'NCHW' | 'NHWC';

/**
 * The layout in which ONNX Runtime should compute a graph on WebGPU. NHWC is the faster one, but up to version 1.30 it is wrong
 *
 * - (microsoft/onnxruntime#29651) for convolutions of 6, 9, 15, 18 … channels, threes but not fours, with kernels larger than
 *   1×1. Weights may be transposed on their way to a convolution, so both their channel axes count;
 * - for convolutions in groups of 5, 6, 7, 9 … outputs each, no fours: it computes four outputs at a time, of two groups then.
 *   The windows of a pooling of 3×3, as relevance looks at them, are such groups of nine.
 */
export function webgpuLayout(graph: Graph): TensorLayout {
  const shapes: Shape[] = [...graph.constants.values(), ...graph.inputs].map(({ shape }) => shape);
  return shapes.some(isMiscomputed) || hasMiscomputedGroups(graph) ? 'NCHW' : 'NHWC';
}

function hasMiscomputedGroups(graph: Graph): boolean {
  const grouped = graph.nodes.filter(({ attributes }) => Number(attributes.group ?? 1) > 1);
  if (grouped.length === 0) return false;
  const { shapes } = infer(graph);
  return grouped.some(({ attributes, outputs: [output] }) => {
    const channels = shapes.get(output)?.[1];
    const each = typeof channels === 'number' ? channels / Number(attributes.group) : 0;
    return each > 4 && each % 4 !== 0;
  });
}

const isMiscomputed = (shape: Shape): boolean =>
  shape.length === 4 &&
  shape.slice(2).some((side) => side !== 1) &&
  shape.slice(0, 2).some((n) => typeof n === 'number' && n > 3 && n % 3 === 0 && n % 4 !== 0);
