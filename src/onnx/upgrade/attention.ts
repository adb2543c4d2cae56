import type { Node } from '../../graph/graph.ts';
import { float32, int64 } from '../../graph/tensor.ts';
import { floatOf, intOf, type Upgrade, type UpgradeSite } from './step.ts';

/**
 * Attention (since 23) as what it is made of, so that rules see its softmax and its two products of matrices:
 * softmax(√s·Q·(√s·K)ᵀ + mask)·V, with heads as an axis of their own. Errors: caches, causal masks, soft caps.
 */
function decompose(node: Node, site: UpgradeSite): readonly Node[] {
  const [q, k, v, mask, ...cache] = node.inputs;
  if (!q || !k || !v) return site.fail('it needs queries, keys and values');
  if (cache.some(Boolean) || node.outputs.slice(1).some((output) => output && site.used(output)))
    return site.fail('caches of keys and values are not supported');
  if (intOf(node, 'is_causal', 0, site) !== 0) return site.fail('causal masks are not supported');
  if ((floatOf(node, 'softcap', site) ?? 0) !== 0) return site.fail('soft caps are not supported');
  const nodes: Node[] = [];
  const add = (op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => {
    const output = site.fresh();
    nodes.push({
      op,
      name: `${node.name}/${op.toLowerCase()}_${nodes.length}`,
      inputs,
      outputs: [output],
      attributes,
    });
    return output;
  };
  const ints = (...values: number[]) => site.add(int64([values.length], values));
  const dims = site.dims(q) ?? site.fail('the shape of its queries is not known');
  const isFlat = dims.length === 3;
  const heads = (count: string) =>
    intOf(node, count, 0, site) || site.fail(`attribute '${count}' is missing`);
  /** N×L×(h·d) as N×h×L×d. */
  const split = (value: string, count: number): string => {
    const depth = site.dims(value)?.[2] ?? site.fail('the size of its heads is not known');
    return add('Transpose', [add('Reshape', [value, ints(0, 0, count, depth / count)])], {
      perm: [0, 2, 1, 3],
    });
  };
  const [qHeads, kvHeads] = isFlat
    ? [heads('q_num_heads'), heads('kv_num_heads')]
    : [dims[1], site.dims(k)?.[1]];
  if (qHeads !== kvHeads) return site.fail('groups of queries that share keys are not supported');
  const [queries, keys, values] = [q, k, v].map((value) => (isFlat ? split(value, qHeads!) : value));
  const width = isFlat ? dims[2]! / qHeads! : (dims[3] ?? site.fail('the size of its heads is not known'));
  const scale = floatOf(node, 'scale', site) ?? 1 / Math.sqrt(width);
  const scaled = add('Mul', [queries, site.add(float32([], [scale]))]);
  let scores = add('MatMul', [scaled, add('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
  if (mask) {
    const bias =
      site.type(mask) === 'bool'
        ? add('Where', [mask, site.add(float32([], [0])), site.add(float32([], [-1e30]))])
        : mask;
    scores = add('Add', [scores, bias]);
  }
  const result = add('MatMul', [add('Softmax', [scores], { axis: -1 }), values]);
  if (isFlat) {
    const valueWidth = site.dims(v)?.[2] ?? site.fail('the size of its values is not known');
    add('Reshape', [add('Transpose', [result], { perm: [0, 2, 1, 3] }), ints(0, 0, valueWidth)]);
  }
  const last = nodes.pop()!;
  return [...nodes, { ...last, name: node.name, outputs: [node.outputs[0]] }];
}

export const attention: readonly Upgrade[] = [{ ops: ['Attention'], convert: decompose }];
