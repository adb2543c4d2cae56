import { fail } from '../common/error.ts';
import type { Graph } from '../graph/graph.ts';

const mostNamed = 10;

/**
 * Refuses weights that are not numbers. An infinity that stands alone is no weight but a bound or a fill value, and
 * passes. Errors: one that names the tensors.
 */
export function checkFiniteWeights(graph: Graph, file: string): void {
  const bad: string[] = [];
  for (const [name, { type, data }] of graph.constants) {
    if (type !== 'float32' && type !== 'float64') continue;
    const values = data as Float32Array | Float64Array;
    if (values.length === 1 ? Number.isNaN(values[0]) : !allFinite(values)) bad.push(`'${name}'`);
  }
  if (bad.length === 0) return;
  const more = bad.length > mostNamed ? ` and ${bad.length - mostNamed} more` : '';
  fail(
    file,
    `NaN or infinite weights in ${bad.slice(0, mostNamed).join(', ')}${more}`,
    'export the model again',
  );
}

function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
