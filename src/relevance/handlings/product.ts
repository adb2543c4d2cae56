import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf, Site, sumTo } from '../../operators/index.ts';
import type { Passage, Walk } from '../walk.ts';
import { proportional } from './proportional.ts';

/**
 * A product of two values: the signal gets all the relevance, the gate none (Arras et al. 2017, "signal takes it
 * all"). A gate is what a sigmoid or softmax made, or a factor that normalises; where neither or both operands are
 * gates, they share equally. In a product of matrices an operand's part is shared in proportion to its products.
 */
export function signalTakesAll(
  b: GraphBuilder,
  { site, role, relevance, input, walk, account }: Passage,
): string | undefined {
  if (role.kind !== 'product')
    return site.fail(`'signal' is for products, this is of the role '${role.kind}'`);
  const gates = [0, 1].map((i) => (role.form === 'quotient' ? i === 1 : isGate(walk, site.input(i))));
  const isShared = gates[0] === gates[1];
  if (!isShared && gates[input]) return undefined;
  if (role.form === 'matrices') {
    const whole = proportional(b, site, relevance, input, account);
    return whole && isShared ? b.op('Mul', [whole, b.scalar(0.5)]) : whole;
  }
  const part = isShared ? b.op('Mul', [relevance, b.scalar(0.5)]) : relevance;
  // An operand that was repeated to the other's shape collects the relevance of its copies, as an addend would.
  return sumTo(b, part, site.output(), site.shape(input));
}

/**
 * A product of two values, both of which are at it (Achtibat et al. 2024, Props. 3.3 and 3.4): half of the relevance goes
 * to each; in a product of matrices an operand's half is shared in proportion to its products. What a quotient divides
 * by is taken for a constant.
 */
export function uniform(
  b: GraphBuilder,
  { site, role, relevance, input, account }: Passage,
): string | undefined {
  if (role.kind !== 'product')
    return site.fail(`'uniform' is for products, this is of the role '${role.kind}'`);
  if (role.form === 'quotient')
    return input === 0 ? sumTo(b, relevance, site.output(), site.shape(0)) : undefined;
  if (role.form === 'elements')
    return sumTo(b, b.op('Mul', [relevance, b.scalar(0.5)]), site.output(), site.shape(input));
  const whole = proportional(b, site, relevance, input, account);
  return whole && b.op('Mul', [whole, b.scalar(0.5)]);
}

/** Whether a value is a factor between 0 and 1 that was computed to weigh another. */
function isGate(walk: Walk, value: string, factor = 1): boolean {
  const node = walk.producers.get(value);
  if (!node) return false;
  const operator = operatorOf(node);
  const ask = (i: number, by: number) => isGate(walk, node.inputs[i] ?? '', by);
  if (operator.gate) return operator.gate(new Site(node, walk.known), factor, ask);
  return operator.keeps !== undefined && ask(0, factor);
}
