import type { InspectedLayer, RepeatedBlock } from '../../verbs/index.ts';

/** A line of the list of layers: one layer, or several under a name. */
export type LayerLine =
  | { readonly kind: 'layer'; readonly layer: InspectedLayer }
  | { readonly kind: 'group'; readonly name: string; readonly layers: readonly InspectedLayer[] };

/** So many layers with one name before the slash are a block. */
const fewest = 3;

/** So many layers without a name of their own kind may stand within a block: the activations of some exporters do. */
const between = 2;

/**
 * Layers folded into blocks: runs whose names begin alike (`inception_3a/…`, `layer1/layer1.0/…`), and where names say nothing
 * what repeats, as `inspect` finds it.
 */
export function groupLayers(
  layers: readonly InspectedLayer[],
  blocks: readonly RepeatedBlock[],
): LayerLine[] {
  const lines: LayerLine[] = [];
  for (let i = 0; i < layers.length; ) {
    const name = blockOf(layers[i].name);
    const end = name === undefined ? i + 1 : endOf(layers, i, name);
    if (name !== undefined && end - i >= fewest) {
      lines.push({ kind: 'group', name, layers: layers.slice(i, end) });
      i = end;
      continue;
    }
    const repeated = blocks.find(
      ({ start, length, times }) =>
        length > 1 && start <= i && i < start + length * times && (i - start) % length === 0,
    );
    const part = layers.slice(i, i + (repeated?.length ?? 1));
    if (repeated && part.every((each) => blockOf(each.name) === undefined)) {
      const number = (i - repeated.start) / repeated.length + 1;
      lines.push({ kind: 'group', name: `block ${number} of ${repeated.times}`, layers: part });
      i += repeated.length;
    } else {
      lines.push({ kind: 'layer', layer: layers[i] });
      i++;
    }
  }
  return lines;
}

/** Where a block ends: behind its last layer that is followed by none of it within a few. */
function endOf(layers: readonly InspectedLayer[], start: number, block: string): number {
  let end = start + 1;
  for (let i = end; i < layers.length && i - end <= between; i++) {
    const name = cleaned(layers[i].name);
    if (name.startsWith(`${block}/`)) end = i + 1;
    else if (name.includes('/')) break;
  }
  return end;
}

const cleaned = (name: string): string => name.replace(/^\/+/, '');

/** The part of a name that says the block: `inception_3a/1x1` → `inception_3a`, `/layer1/layer1.0/conv/Conv` → `layer1/layer1.0`. */
function blockOf(name: string): string | undefined {
  const parts = cleaned(name).split('/');
  return parts.length > 1 ? parts.slice(0, Math.min(2, Math.max(1, parts.length - 2))).join('/') : undefined;
}
