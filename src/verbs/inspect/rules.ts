import { LimnError } from '../../common/error.ts';
import type { Model } from '../../graph/index.ts';
import { canonise, defaultComposite, namedComposite, relevance, ruleName } from '../../relevance/index.ts';

/** What an explanation does at each layer. */
interface Rules {
  /** Null where the network cannot be explained. */
  readonly composite: string | null;
  /** Why it cannot be. */
  readonly obstacle?: string;
  /** By a node's name; undefined where no relevance comes by. */
  ruleOf(node: string): string | undefined;
}

/**
 * The rules of a composite, by default those that an explanation takes unless told otherwise; none then for a network that
 * cannot be explained. Errors, where a composite is asked for: it does not exist, or does not fit.
 */
export function rulesOf(model: Model, asked: string | undefined): Rules {
  try {
    const name = asked ?? defaultComposite(model);
    const composite = namedComposite(name, {}, model.info.layers);
    const { handling } = relevance(model, { composite });
    const kept = new Set(canonise(model, composite.thresholds).graph.nodes.map((node) => node.name));
    return {
      composite: name,
      ruleOf(node) {
        const applied = handling.get(node);
        if (applied) return ruleName(applied);
        return kept.has(node) ? undefined : 'merged';
      },
    };
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
    if (asked === undefined) return { composite: null, obstacle: error.message, ruleOf: () => undefined };
    throw error.with({ kind: 'request' });
  }
}
