import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Graph, GraphBuilder } from '../../src/graph/index.ts';
import { chosenDevice, type Device } from '../../src/hosts/devices.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import type { Session, WebRuntime } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise } from '../nets.ts';

/** A convolution of 64 channels, of so many multiply-adds: 36,864 for each place. */
function network(places: number): Graph {
  const b = new GraphBuilder('net');
  const x = b.input({ name: 'x', type: 'float32', shape: [1, 64, places, 1] });
  const y = b.op('Conv', [x, b.weight('w', noise([64, 64, 3, 3], 1))], { pads: [1, 1, 1, 1] });
  b.output(y, { name: 'y', type: 'float32', shape: [1, 64, places, 1] });
  return b.build();
}

const offer = (info?: object) =>
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => (info ? { info } : null) } });
const real = { vendor: 'acme', architecture: 'one', description: '', isFallbackAdapter: false };

/** A device whose GPU is the processor, and fails where it is told to. */
function deviceWith({ fails }: { readonly fails?: 'start' | 'load' | 'run' } = {}) {
  const used: string[] = [];
  const told: Device[] = [];
  const runtime: WebRuntime = {
    async load(graph, { provider } = {}): Promise<Session> {
      const gpu = provider === 'webgpu';
      if (gpu && fails === 'load') throw new Error('the device is lost');
      const session = await nodeRuntime.load(graph, { threads: 1 });
      return {
        release: () => session.release(),
        async run(inputs, outputs) {
          if (gpu && fails === 'run') throw new Error('the device is lost');
          used.push(provider ?? 'none');
          return session.run(inputs, outputs);
        },
      };
    },
    async start() {
      if (fails === 'start') throw new Error('the file is not there');
    },
  };
  const device = chosenDevice(nodeHost, runtime, (now) => told.push(now));
  /** Runs a network as a verb does for so many images, and says what computed. */
  async function run(graph: Graph, images = 1, input = noise([1, 64, 4, 1], 2)): Promise<string | undefined> {
    const { runtime: where, session } = await device.host.compute(graph, images, {});
    const loaded = await where.load(graph, session);
    try {
      await loaded.run({ x: input });
      return used.at(-1);
    } finally {
      await loaded.release();
    }
  }
  return { device, run, used, told };
}

beforeEach(() => offer(real));
afterEach(() => vi.unstubAllGlobals());

it('takes a GPU by itself when it is ready, for what is worth it', async () => {
  const { device, run, told } = deviceWith();
  const net = network(4);
  expect(await run(net, 1e6)).toBe('wasm');
  device.prepare();
  await vi.waitFor(async () => expect(await run(net, 1e6)).toBe('webgpu'));
  expect(await run(net, 1e9 / (4 * 64 * 64 * 9) + 1)).toBe('webgpu');
  expect(await run(net, 1e9 / (4 * 64 * 64 * 9) - 1)).toBe('wasm');
  expect(told).toEqual([{ provider: 'wasm' }, { provider: 'webgpu', gpu: 'acme one' }, { provider: 'wasm' }]);
});

it.each([
  { info: { ...real, isFallbackAdapter: true } },
  { info: { vendor: 'google', architecture: 'swiftshader' } },
  { info: { vendor: 'mesa', description: 'llvmpipe (LLVM 19)' } },
  { info: undefined },
])('takes none that is one in software, or missing: $info', async ({ info }) => {
  offer(info);
  const { device, run } = deviceWith();
  device.prepare();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await run(network(4), 1e6)).toBe('wasm');
});

it('uses a GPU that is chosen for everything, even in software, and none where the processor is chosen', async () => {
  offer({ ...real, isFallbackAdapter: true });
  const { device, run } = deviceWith();
  device.choose('webgpu');
  expect(await run(network(4))).toBe('webgpu');
  device.choose('wasm');
  expect(await run(network(4), 1e9)).toBe('wasm');
});

it('says that a GPU is missing that was chosen', async () => {
  offer();
  const { device, run, told } = deviceWith();
  device.choose('webgpu');
  expect(await run(network(4))).toBe('wasm');
  expect(told).toEqual([
    { provider: 'wasm', note: 'This browser offers no GPU: WebAssembly computes instead' },
  ]);
});

it.each(['start', 'load', 'run'] as const)('goes on without a GPU that fails: %s', async (fails) => {
  const { device, run, told } = deviceWith({ fails });
  device.choose('webgpu');
  expect(await run(network(4))).toBe('wasm');
  expect(await run(network(4))).toBe('wasm');
  const why = fails === 'start' ? 'the file is not there' : 'the device is lost';
  expect(told.at(-1)).toEqual({
    provider: 'wasm',
    note: `WebGPU failed (${why}): WebAssembly computes instead`,
  });
});

it('does not blame the GPU for what is wrong with the question', async () => {
  const { device, run, told } = deviceWith({ fails: 'run' });
  device.choose('webgpu');
  await expect(run(network(4), 1, noise([1, 3, 4, 1], 2))).rejects.toThrow(/input 'x': expected/);
  expect(told.map(({ provider }) => provider)).toEqual(['webgpu']);
});
