import type { Graph } from '../graph/index.ts';
import { type Inference, infer, Site, type Span, seenOf } from '../operators/index.ts';

/** A rectangle of pixels of a network's input. */
export interface PixelWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a layer's output stands in its network. */
export interface FieldSite {
  readonly graph: Graph;
  /** The value that the layer makes. */
  readonly value: string;
  /** Of the graph; inferred unless given. */
  readonly known?: Inference;
}

/**
 * The receptive field of one position of a layer's output N×C×h×w: the rectangle of the input that holds all pixels which
 * it depends on, as the graph has it, whatever the weights: the smallest, but for dilated windows at a border. Operations that mix positions otherwise than by windows
 * (dense layers, attention, statistics over the image) see everything, as do layers without positions.
 */
export function receptiveField(
  { graph, value, known = infer(graph) }: FieldSite,
  position: readonly [row: number, column: number],
): PixelWindow {
  const [input] = graph.inputs;
  const [, , height, width] = input.shape.map(Number);
  const whole = { left: 0, top: 0, width, height };
  if (known.shapes.get(value)?.length !== 4) return whole;
  const seen = new Map<string, readonly Span[]>([[value, position.map((at) => ({ first: at, last: at }))]]);
  for (const node of [...graph.nodes].reverse()) {
    const spans = node.outputs.map((output) => seen.get(output)).find((each) => each !== undefined);
    if (!spans) continue;
    const site = new Site(node, known);
    for (const [i, name] of node.inputs.entries()) {
      if (name === '' || graph.constants.has(name)) continue;
      const below = seenOf(site, spans, i);
      const other = seen.get(name);
      // What depends on everything that a value holds depends on the whole input.
      if (!below || known.shapes.get(name)?.length !== 4) return whole;
      if (below.some(({ first, last }) => first > last)) continue;
      seen.set(name, other ? other.map((span, axis) => around(span, below[axis])) : below);
    }
  }
  const [rows, columns] = seen.get(input.name) ?? [];
  if (!rows || !columns) return whole;
  return {
    left: columns.first,
    top: rows.first,
    width: columns.last - columns.first + 1,
    height: rows.last - rows.first + 1,
  };
}

const around = (a: Span, b: Span): Span => ({
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
});
