import { readFile } from 'node:fs/promises';
import { LimnError } from '../../src/common/error.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { compute, difference, type Net } from './cases.ts';

/* A process that computes cases on WebGPU and on the processor, and prints how far they are apart, or why it cannot. */

const [reference, net, ...names] = process.argv.slice(2) as [string, Net, ...string[]];
const read = (path: string) => readFile(reference + path);
try {
  const gpu = await compute(nodeRuntime, net, { provider: 'webgpu' }, read, names);
  const cpu = await compute(nodeRuntime, net, { threads: 1 }, read, names);
  const apart = Object.entries(cpu).map(([name, { data }]) => [
    name,
    difference(gpu[name].data as Float32Array, data as Float32Array),
  ]);
  console.log(JSON.stringify({ apart: Object.fromEntries(apart) }));
} catch (error) {
  if (!(error instanceof LimnError)) throw error;
  console.log(JSON.stringify({ error: error.message }));
}
