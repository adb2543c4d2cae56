import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bundled } from '../runtime/bundle.ts';
import { runOnSoftwareGpu, softwareGpu } from './software.ts';

interface Result {
  readonly apart: Readonly<Record<string, number>>;
  readonly error?: string;
}

const networks = fileURLToPath(bundled('tests/conformance/webgpu.ts'));
const groups = fileURLToPath(bundled('tests/conformance/groups.ts'));
const losses = fileURLToPath(bundled('tests/conformance/losses.ts'));

it.skipIf(!softwareGpu)(
  'agrees on WebGPU in Node, computed in software',
  async () => {
    const reference = fileURLToPath(new URL('../fixtures/reference/', import.meta.url));
    const { apart, error } = await runOnSoftwareGpu<Result>(
      networks,
      reference,
      'tiny_googlenet',
      'iccv2017',
    );
    expect(error).toBeUndefined();
    expect(Object.keys(apart).sort()).toEqual(['iccv2017', 'prob', 'scores']);
    for (const [name, difference] of Object.entries(apart)) expect(difference, name).toBeLessThan(1e-4);
  },
  600_000,
);

it.skipIf(!softwareGpu)(
  'agrees on WebGPU about convolutions in groups, and about an explanation that looks at windows by them',
  async () => {
    const { apart, error } = await runOnSoftwareGpu<Result>(groups);
    expect(error).toBeUndefined();
    expect(Object.keys(apart).length).toBe(9);
    for (const [name, difference] of Object.entries(apart)) expect(difference, name).toBeLessThan(1e-5);
  },
  600_000,
);

it.skipIf(!softwareGpu)(
  'agrees on WebGPU about losses and their gradients',
  async () => {
    const { apart, error } = await runOnSoftwareGpu<Result>(losses);
    expect(error).toBeUndefined();
    const operators = ['EuclideanLoss', 'HingeLoss', 'SigmoidLoss', 'SoftmaxLoss'];
    expect(Object.keys(apart).sort()).toEqual(operators.flatMap((op) => [op, `${op} gradient`]));
    for (const [name, difference] of Object.entries(apart)) expect(difference, name).toBeLessThan(1e-5);
  },
  600_000,
);
