import { describe, expect, test } from 'vitest';
import { float32, GraphBuilder } from '../../src/graph/index.ts';

const scores = { type: 'float32', shape: ['N', 2] } as const;

describe('a graph builder', () => {
  test('makes the same operation on the same values once', () => {
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', ...scores });
    const y = b.op('Relu', [x]);
    expect(b.scope('elsewhere').op('Relu', [x])).toBe(y);
    expect(b.op('Neg', [x])).not.toBe(y);
    expect(b.op('LeakyRelu', [x], { alpha: { float: 0.1 } })).not.toBe(
      b.op('LeakyRelu', [x], { alpha: { float: 0.2 } }),
    );
    expect(b.scalar(2)).toBe(b.scalar(2));
    expect(b.constantOf(b.scalar(2, 4))).toEqual(float32([1, 1, 1, 1], [2]));
    expect(b.scalar(2, 4)).not.toBe(b.scalar(2));
  });

  test.each([1, 64, 65, 1000])('shares equal constants of %i numbers, and no others', (length) => {
    const b = new GraphBuilder('net');
    const numbers = Array.from({ length }, (_, i) => i / 3);
    const first = b.constant(float32([length], numbers));
    expect(b.constant(float32([length], numbers))).toBe(first);
    expect(b.constant(float32([1, length], numbers))).not.toBe(first);
    const others = [0, Math.floor(length / 2), length - 1].map((at) =>
      b.constant(
        float32(
          [length],
          numbers.map((value, i) => (i === at ? value + 1 : value)),
        ),
      ),
    );
    expect(new Set([first, ...others]).size).toBe(1 + new Set([0, Math.floor(length / 2), length - 1]).size);
  });

  test('leaves out what no output needs, and orders the rest', () => {
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', ...scores });
    b.weight('unused', float32([1], [1]));
    const y = b.op('Relu', [x]);
    b.op('Exp', [x]);
    b.output(b.op('Add', [y, b.op('Neg', [y])]), { name: 'z', ...scores });
    const graph = b.build();
    expect(graph.nodes.map((node) => node.op)).toEqual(['Relu', 'Neg', 'Add', 'Identity']);
    expect(graph.constants.size).toBe(0);
  });

  test('lets a replacement stand under the name of what it replaces', () => {
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', ...scores });
    b.node({ op: 'Relu', name: 'layer', inputs: [x], outputs: ['y'] });
    b.replace('y', () => b.op('Max', [x, b.scalar(0)]));
    b.output('y', { name: 'y', ...scores });
    expect(b.build().nodes).toMatchObject([{ op: 'Max', name: 'layer', outputs: ['y'] }]);
  });

  test('refuses names that are taken and values that nobody makes', () => {
    const b = new GraphBuilder('net');
    b.input({ name: 'x', ...scores });
    expect(() => b.input({ name: 'x', ...scores })).toThrow("net: the name 'x' is taken already");
    expect(() => b.node({ op: 'Relu', name: 'n', inputs: ['x'], outputs: ['x'] })).toThrow(
      "net: node 'n': the name 'x' is taken already",
    );
    b.output('nowhere', { name: 'nowhere', ...scores });
    expect(() => b.build()).toThrow("net: the value 'nowhere' is not made by any node");
  });

  test('walks graphs deeper than the call stack', () => {
    const b = new GraphBuilder('net');
    let value = b.input({ name: 'x', ...scores });
    for (let i = 0; i < 30_000; i++) value = b.op('Neg', [value]);
    b.output(value, { name: 'y', ...scores });
    expect(b.build().nodes).toHaveLength(30_001);
  });
});
