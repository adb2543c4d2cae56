import type { Graph } from '../../graph/index.ts';
import { cached, type Runtime } from '../../runtime/index.ts';
import type { Host } from '../../verbs/index.ts';

/** Sessions of a page that are kept: some methods of two models, side by side. */
const capacity = 8;

/** Graphs that are held, so that the next photo's request finds them derived already: each may be as large as its network. */
const heldGraphs = 3;

/**
 * Hosts whose sessions outlive the verb that loaded them. Within a scope, which names everything that a verb makes its
 * graphs of (model, method, parameters), graphs of the same inputs, outputs and nodes are the same.
 */
export function keptSessions(host: Host, runtime: Runtime): { hostFor(scope: string): Host } {
  const scopes = new WeakMap<Graph, string>();
  let held: readonly Graph[] = [];
  const kept = cached(runtime, { capacity, key: (graph) => `${scopes.get(graph)} ${shapeOf(graph)}` });
  return {
    hostFor: (scope) => ({
      ...host,
      async compute(graph, images, options) {
        const where = await host.compute(graph, images, options);
        return {
          ...where,
          runtime: {
            load(loaded, settings) {
              scopes.set(loaded, scope);
              held = [...held.filter((graph) => graph !== loaded), loaded].slice(-heldGraphs);
              return kept.load(loaded, settings);
            },
          },
        };
      },
    }),
  };
}

const shapeOf = ({ inputs, outputs, nodes }: Graph): string =>
  JSON.stringify([inputs, outputs.map(({ name }) => name), nodes.length]);
