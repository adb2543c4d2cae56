import { copyWith } from './copy.ts';
import { type LayerParameter, LayerParameterSchema } from './generated/caffe_pb.ts';

/**
 * The layers under names of their own, by which nodes, weights and rules find them. Caffe lets names repeat, and be
 * missing: a repeated one gets a `'` more, a layer without one is called as its first top or else its type.
 */
export function nameLayers(layers: readonly LayerParameter[]): LayerParameter[] {
  const given = new Set(layers.map(({ name }) => name));
  const taken = new Set<string>();
  return layers.map((layer) => {
    const wanted = layer.name || layer.top[0] || layer.type;
    let name = wanted;
    while (taken.has(name) || (name !== layer.name && given.has(name))) name += "'";
    taken.add(name);
    return name === layer.name ? layer : copyWith(LayerParameterSchema, layer, { name });
  });
}

/**
 * Value names for a network's blobs: a layer that writes in place makes a new version of its blob. The last version
 * has the blob's own name, an earlier one is `blob:layer`; a graph input keeps its name, so that later versions of it
 * are `blob:layer`, too. A name that is taken gets a `'` more.
 */
export class BlobNames {
  readonly #last = new Map<string, number>();
  readonly #taken: Set<string>;

  /** `tops`: those of each layer, in order. */
  constructor(tops: readonly (readonly string[])[], inputs: readonly string[]) {
    tops.forEach((names, layer) => {
      for (const top of names) this.#last.set(top, layer);
    });
    for (const input of inputs) this.#last.delete(input);
    this.#taken = new Set([...inputs, ...this.#last.keys()]);
  }

  /** The name of the version of a blob that the layer at `index`, called `layer`, makes. */
  version(top: string, layer: string, index: number): string {
    return this.#last.get(top) === index ? top : this.unique(`${top}:${layer}`);
  }

  /** The name, or one like it that nothing else has. */
  unique(name: string): string {
    let free = name;
    while (this.#taken.has(free)) free += "'";
    this.#taken.add(free);
    return free;
  }
}
