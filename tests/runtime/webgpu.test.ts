import { expect, it } from 'vitest';
import { GraphBuilder, type Shape } from '../../src/graph/index.ts';
import { webgpuLayout } from '../../src/runtime/webgpu.ts';
import { noise } from '../nets.ts';

it('avoids it for groups of more than four outputs that are no fours, whose weights may be computed', () => {
  const layout = (group: number, each: number) => {
    const b = new GraphBuilder('conv');
    const x = b.input({ name: 'x', type: 'float32', shape: ['N', 2 * group, 8, 8] });
    const w = b.op('Abs', [b.weight('w', noise([group * each, 2, 3, 3], 1))]);
    b.output(b.op('Conv', [x, w], { group }), { name: 'y', type: 'float32', shape: ['N', 'C', 'H', 'W'] });
    return webgpuLayout(b.build());
  };
  const layouts = [1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 18].map((each) => [each, layout(4, each)]);
  expect(layouts.filter(([, chosen]) => chosen === 'NCHW').map(([each]) => each)).toEqual([
    5, 6, 7, 9, 10, 18,
  ]);
  expect(layout(1, 20)).toBe('NHWC');
});

it('avoids the layout in which ONNX Runtime miscomputes some convolutions', () => {
  const layout = (weight: number[], input: Shape = ['N', 3, 8, 8]) => {
    const b = new GraphBuilder('conv');
    const x = b.input({ name: 'x', type: 'float32', shape: input });
    const w = b.weight('w', noise(weight, 1));
    b.output(b.op('Conv', [x, w]), { name: 'y', type: 'float32', shape: ['N', 'C', 'H', 'W'] });
    return webgpuLayout(b.build());
  };
  expect(layout([8, 3, 3, 3])).toBe('NHWC');
  expect(layout([16, 12, 3, 3])).toBe('NHWC');
  expect(layout([8, 6, 1, 1])).toBe('NHWC');
  expect(layout([8, 6, 3, 3])).toBe('NCHW');
  expect(layout([9, 8, 1, 5])).toBe('NCHW');
  expect(layout([8, 4, 3, 3], ['N', 18, 8, 8])).toBe('NCHW');
  expect(layout([8, 4, 3, 3], [6, 4, 1, 1])).toBe('NHWC');
});
