import { type SessionOptions, webRuntime } from '../../src/runtime/index.ts';
import { compute, type Net } from './cases.ts';

/* The script of the page: computes the cases in the browser when the test asks for them. */

export type Results = Record<string, { shape: readonly number[]; data: number[] }>;

const runtime = webRuntime({ wasmPaths: new URL('/onnxruntime-web/', location.href).href });

async function read(path: string): Promise<Uint8Array> {
  const response = await fetch(`/reference/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function run(net: Net, options: SessionOptions, names?: string[]): Promise<Results> {
  const results = await compute(runtime, net, options, read, names);
  return Object.fromEntries(
    Object.entries(results).map(([name, { shape, data }]) => [
      name,
      { shape, data: Array.from(data, Number) },
    ]),
  );
}

Object.assign(globalThis, { run });
