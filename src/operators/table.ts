import { fail } from '../common/error.ts';
import type { Node } from '../graph/index.ts';
import { conv } from './conv.ts';
import { gemm } from './gemm.ts';
import { lrn } from './lrn.ts';
import { matmul } from './matmul.ts';
import { maxPool } from './maxpool.ts';
import type { Operator } from './operator.ts';
import { relu } from './relu.ts';

const operators: readonly Operator[] = [conv, gemm, lrn, matmul, maxPool, relu];

const table = new Map(operators.map((operator) => [operator.op, operator]));

/** The operator of a node. Errors: one that limn does not know, with the node's name. */
export function operatorOf(node: Node): Operator {
  const operator = node.domain ? undefined : table.get(node.op);
  const name = node.domain ? `${node.domain}.${node.op}` : node.op;
  return operator ?? fail(`node '${node.name}'`, `the operator ${name} is not supported`, `known: ${[...table.keys()].sort().join(', ')}`);
}
