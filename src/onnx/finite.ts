import { fail } from '../common/error.ts';
import type { Graph } from '../graph/graph.ts';
import { countOf, dataParts } from '../graph/stored.ts';
import type { Tensor } from '../graph/tensor.ts';

const mostNamed = 10;

/**
 * Refuses weights that are not numbers. An infinity that stands alone is no weight but a bound or a fill value, and
 * passes. Errors: one that names the tensors.
 */
export function checkFiniteWeights(graph: Graph, file: string): void {
  const bad: string[] = [];
  for (const [name, tensor] of graph.constants) {
    if (tensor.type !== 'float32' && tensor.type !== 'float64') continue;
    const isBad = countOf(tensor) === 1 ? Number.isNaN(tensor.data[0]) : !allFinite(tensor);
    if (isBad) bad.push(`'${name}'`);
  }
  if (bad.length === 0) return;
  const more = bad.length > mostNamed ? ` and ${bad.length - mostNamed} more` : '';
  fail(
    file,
    `NaN or infinite weights in ${bad.slice(0, mostNamed).join(', ')}${more}`,
    'export the model again',
  );
}

function allFinite(tensor: Tensor): boolean {
  for (const part of dataParts(tensor)) {
    const values = part as Float32Array | Float64Array;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  }
  return true;
}
