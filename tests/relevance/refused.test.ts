import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { type Graph, GraphBuilder } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { type Composite, type Handling, relevance } from '../../src/relevance/index.ts';

/** Nodes n0, n1, … one behind the other, each fourth beside the one before it: both are added up. */
function network(ops: readonly string[]): Graph {
  const b = new GraphBuilder('net');
  let value = b.input({ name: 'x', type: 'float32', shape: ['N', 4] });
  for (const [i, op] of ops.entries()) {
    b.node({ op, name: `n${i}`, inputs: [value], outputs: [`v${i}`], attributes: {} });
    if (i % 4 !== 3) value = `v${i}`;
    else {
      b.node({ op: 'Add', name: `sum${i}`, inputs: [value, `v${i}`], outputs: [`s${i}`], attributes: {} });
      value = `s${i}`;
    }
  }
  b.output(value, { name: value, type: 'float32', shape: ['N', 4] });
  return b.build();
}

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

const explained = (graph: Graph, composite: Composite) => () =>
  relevance(
    {
      graph,
      info: {
        heads: [{ name: 'y', kind: 'classes', output: graph.outputs[0].name, labels: [] }],
        provenance: {},
      },
    },
    { composite },
  );

const names = (count: number, of: readonly string[]) =>
  `${count > 1 ? `${count} nodes: ` : ''}${[
    ...of.slice(0, 3).map((name) => `'${name}'`),
    ...(of.length > 3 ? [`${of.length - 3} more`] : []),
  ].join(', ')}`;

const activations = ['Tanh', 'Softplus', 'Elu', 'Softsign'];

describe('nodes that relevance cannot pass', () => {
  const op = fc.constantFrom(...activations);

  it('are all told at once, by operator, where no entry of a composite matches', () => {
    fc.assert(
      fc.property(fc.array(op, { minLength: 1, maxLength: 24 }), fc.subarray(activations), (ops, known) => {
        const composite: Composite = {
          name: 'mine',
          entries: [{ match: { op: [...known, 'Add'] }, handling: 'gradient' }],
        };
        const message = messageOf(explained(network(ops), composite));
        // From the scores down, as relevance goes.
        const without = ops.flatMap((each, i) => (known.includes(each) ? [] : [`n${i}`])).reverse();
        expect(message === '').toBe(without.length === 0);
        if (without.length === 1)
          expect(message).toMatch(/^node 'n\d+' \(\w+\): no entry of composite 'mine' matches; add an entry/);
        if (without.length < 2) return;
        expect(message).toContain(
          `the network: ${without.length} nodes pass no relevance on, no entry of composite 'mine' matches: `,
        );
        for (const each of activations.filter((name) => !known.includes(name))) {
          const of = without.filter((name) => ops[Number(name.slice(1))] === each);
          if (of.length > 0) expect(message).toContain(`${each} (${names(of.length, of)})`);
        }
        expect(message).toMatch(/; add an entry for it, or one for all: \{\}$/);
      }),
    );
  });

  it('are told with the reason of each where these differ', () => {
    const handlings: Readonly<Record<string, Handling>> = {
      Tanh: 'winner',
      Elu: 'signal',
      Softsign: 'gradient',
      Add: 'gradient',
    };
    const entries = Object.entries(handlings).map(([name, handling]) => ({ match: { op: name }, handling }));
    const graph = network(['Tanh', 'Elu', 'Softsign', 'Elu', 'Softplus']);
    expect(messageOf(explained(graph, { name: 'mine', entries }))).toBe(
      "the network: 4 nodes pass no relevance on: Elu: 'signal' means nothing for it: it is of the role 'activation' (2 nodes: 'n3', 'n1'), " +
        "Softplus: no entry of composite 'mine' matches ('n4'), Tanh: 'winner' means nothing for it: it is of the role 'activation' ('n0'); " +
        'add an entry for it, or one for all: {}',
    );
  });

  it('are told with all layers that a composite names and the network lacks', () => {
    const entries = ['n1', 'fc*', 'conv1', 'fc*', 'n*'].map((name) => ({
      match: { name },
      handling: 'gradient' as const,
    }));
    expect(messageOf(explained(network(['Tanh', 'Elu']), { name: 'mine', entries }))).toBe(
      "composite 'mine': no layer is named 'fc*' or 'conv1'; limn inspect lists the layers",
    );
  });
});

describe('of several nodes', () => {
  const pool = (b: GraphBuilder, input: string, name: string) =>
    b.node({
      op: 'MaxPool',
      name,
      inputs: [input],
      outputs: [name],
      attributes: { kernel_shape: [2, 2], strides: [1, 1] },
    });

  it('all are told that have no gradient', () => {
    const b = new GraphBuilder('net');
    b.input({ name: 'x', type: 'float32', shape: ['N', 'C', 8, 8] });
    for (const [input, name] of [
      ['x', 'p1'],
      ['p1', 'p2'],
      ['p2', 'p3'],
    ])
      pool(b, input, name);
    b.output('p3', { name: 'p3', type: 'float32', shape: ['N', 'C', 5, 5] });
    const graph = b.build();
    expect(messageOf(() => gradient(graph, { outputs: ['p1'], wrt: ['x'] }))).toMatch(
      /^node 'p1' \(MaxPool\): /,
    );
    const message = messageOf(() => gradient(graph, { outputs: ['p3'], wrt: ['x'] }));
    expect(message).toMatch(/^the network: 3 nodes pass no gradient on: MaxPool: .* is not fixed/);
    for (const name of ['p1', 'p2', 'p3']) expect(message).toContain(`('${name}')`);
  });

  it('all are told whose attributes are not supported, and nothing of what follows from them', () => {
    const b = new GraphBuilder('net');
    b.input({ name: 'x', type: 'float32', shape: ['N', 3, 8, 8] });
    const pads = b.ints(0, 0, 1, 1, 0, 0, 1, 1);
    for (const [name, mode] of [
      ['a', 'wrap'],
      ['b', 'constant'],
      ['c', 'wrap'],
    ])
      b.node({ op: 'Pad', name, inputs: ['x', pads], outputs: [name], attributes: { mode } });
    b.node({ op: 'Add', name: 'sum', inputs: ['a', 'b'], outputs: ['sum'], attributes: {} });
    b.node({ op: 'Add', name: 'all', inputs: ['sum', 'c'], outputs: ['y'], attributes: {} });
    b.output('y', { name: 'y', type: 'float32', shape: ['N', 3, 10, 10] });
    expect(messageOf(() => infer(b.build()))).toBe(
      "the network: 2 nodes cannot be read, mode 'wrap' is not supported: Pad (2 nodes: 'a', 'c')",
    );
  });
});
