import type { Graph, Model } from '../../graph/index.ts';
import type { RelevanceGraph } from '../../relevance/index.ts';

interface Kept extends Omit<RelevanceGraph, 'graph'> {
  readonly graph: WeakRef<Graph>;
}

/** How many of a model are known again: methods side by side. */
const most = 8;
const kept = new WeakMap<Model, Map<string, Kept>>();

/**
 * The graph that `make` made of the same model and the same fields, as long as somebody holds it: whoever asks about one photo
 * after the other, each by a request of its own, has it derived once. Nothing is held for this: what is folded of the
 * weights may be larger than they are. Fields that are no plain values (a composite, a tensor) are not compared.
 */
export function keptGraph(
  model: Model,
  fields: Readonly<Record<string, unknown>>,
  make: () => RelevanceGraph,
): RelevanceGraph {
  const key = keyOf(fields);
  if (key === undefined) return make();
  const all = kept.get(model) ?? new Map<string, Kept>();
  kept.set(model, all);
  const known = all.get(key);
  const graph = known?.graph.deref();
  if (known && graph) return { ...known, graph };
  const made = make();
  all.delete(key);
  all.set(key, { ...made, graph: new WeakRef(made.graph) });
  for (const old of [...all.keys()].slice(0, -most)) all.delete(old);
  return made;
}

/** The fields as text; undefined where they do not fit into it. */
function keyOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const isText = (value: unknown) =>
    Array.isArray(value) ? value.every((each) => typeof each === 'string') : typeof value !== 'object';
  if (!given.every(([, value]) => isText(value))) return undefined;
  // JSON knows no number that is none.
  const said = given.map(([name, value]) => [name, typeof value === 'number' ? `${value}` : { value }]);
  return JSON.stringify(said.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)));
}
