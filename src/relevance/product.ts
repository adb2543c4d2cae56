import { type GraphBuilder, numbers } from '../graph/index.ts';
import { operatorOf, type Site } from '../operators/index.ts';
import { proportional } from './proportional.ts';
import type { Account } from './walk.ts';

/**
 * A product of two values: the signal gets all the relevance, the gate none (Arras et al. 2017, "signal takes it
 * all"). A gate is what a sigmoid or softmax made, or a factor that normalises; where neither or both operands are
 * gates, they share equally. In a product of matrices an operand's part is shared in proportion to its products.
 */
export function signalTakesAll(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
  account?: Account,
): string | undefined {
  const gates = [0, 1].map((i) => (site.node.op === 'Div' ? i === 1 : isGate(b, site.input(i))));
  const isShared = gates[0] === gates[1];
  if (!isShared && gates[input]) return undefined;
  const part = isShared ? b.op('Mul', [relevance, b.scalar(0.5)]) : relevance;
  if (site.node.op === 'MatMul' || site.node.op === 'Gemm') {
    const whole = proportional(b, site, relevance, input, account);
    return whole && isShared ? b.op('Mul', [whole, b.scalar(0.5)]) : whole;
  }
  // An operand that was repeated to the other's shape collects the relevance of its copies, as an addend would.
  const sum = site.like({ ...site.node, op: 'Add' });
  return operatorOf(sum.node).vjp(b, sum, [part], input);
}

const shapeOperators = new Set(['Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Identity', 'Expand']);

/** Whether a value is a factor between 0 and 1 that was computed to weigh another. */
function isGate(b: GraphBuilder, value: string, factor = 1): boolean {
  const node = b.producer(value);
  if (!node) return false;
  const [first, second = ''] = node.inputs;
  const constant = b.constantOf(second);
  const c = constant?.data.length === 1 ? numbers(constant)[0] : undefined;
  if (shapeOperators.has(node.op)) return isGate(b, first, factor);
  switch (node.op) {
    case 'Sigmoid':
    case 'HardSigmoid':
    case 'Softmax':
      return true;
    case 'Mul':
      return c !== undefined && isGate(b, first, factor * c);
    case 'Div':
      return c !== undefined && isGate(b, first, factor / c);
    // hard-sigmoid as clip(x + 3, 0, 6) / 6; ReLU6 by itself is a signal.
    case 'Clip': {
      const top = b.constantOf(node.inputs[2] ?? '');
      return top !== undefined && Math.abs(numbers(top)[0] * factor - 1) < 1e-5;
    }
    // (1 + Σ x²)^(−β), as in normalisation within a channel.
    case 'Pow':
      return c !== undefined && c < 0;
    default:
      return false;
  }
}
