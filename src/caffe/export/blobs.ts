import type { Graph } from '../../graph/index.ts';
import type { ExportedLayer } from './exporter.ts';

/** A layer with the names of its blobs. */
export interface NamedLayer {
  readonly layer: ExportedLayer;
  readonly bottom: readonly string[];
  readonly top: readonly string[];
}

/**
 * Gives values their names as blobs. A value called `blob:layer` that the layer makes is written into `blob` (so
 * that layers write in place again), as is any other under its own name, unless what stood there is still needed;
 * then the name gets a `'` more.
 */
export function nameBlobs(graph: Graph, layers: readonly ExportedLayer[]): NamedLayer[] {
  const lastUse = new Map<string, number>();
  layers.forEach((layer, i) => {
    for (const bottom of layer.bottoms) lastUse.set(bottom, i);
  });
  for (const { name } of graph.outputs) lastUse.set(name, Number.POSITIVE_INFINITY);

  /** What each blob holds, and where each value is held. */
  const current = new Map<string, string>();
  const blobOf = new Map<string, string>();
  const hold = (value: string, blob: string) => {
    current.set(blob, value);
    blobOf.set(value, blob);
    return blob;
  };
  for (const { name } of graph.inputs) hold(name, name);

  return layers.map((layer, i) => {
    const bottom = layer.bottoms.map((value) => blobOf.get(value)!);
    const taken = new Set<string>();
    const isFree = (blob: string) => {
      const held = current.get(blob);
      return !taken.has(blob) && (held === undefined || (lastUse.get(held) ?? -1) <= i);
    };
    const top = layer.tops.map((value) => {
      const suffix = `:${layer.name}`;
      let blob = value.endsWith(suffix) && value !== suffix ? value.slice(0, -suffix.length) : value;
      if (!isFree(blob)) blob = value;
      while (!isFree(blob)) blob += "'";
      taken.add(blob);
      return hold(value, blob);
    });
    return { layer, bottom, top };
  });
}
