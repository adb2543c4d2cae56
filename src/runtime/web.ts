import type { Env } from 'onnxruntime-common';
import { fail } from '../common/error.ts';
import { webThreads } from '../common/webthreads.ts';
import type { Graph } from '../graph/index.ts';
import { lineOf, loadable, type Ort, open, optimizationLevel, providers, quiet } from './open.ts';
import { type Queue, serialQueue } from './queue.ts';
import type { Provider, Runtime } from './session.ts';
import { findGpu } from './webgpu.ts';

/** Where a page finds ONNX Runtime's files, and how it computes. */
export interface WebRuntimeOptions {
  /**
   * Where onnxruntime-web's files lie: the folder's address, or that of each file. For `wasm` they are
   * `ort-wasm-simd-threaded.{mjs,wasm}`, for `webgpu` `ort-wasm-simd-threaded.asyncify.{mjs,wasm}`. Unless given,
   * the .wasm file is sought beside the script; give it when limn is bundled.
   */
  readonly wasmPaths?: string | { readonly mjs: string; readonly wasm: string } | undefined;
}

/** ONNX Runtime in the browser. */
export interface WebRuntime extends Runtime {
  /**
   * Fetches and starts ONNX Runtime, for WebAssembly unless given, before there is a graph to load: what else a page has to
   * fetch comes meanwhile. Errors: its files are not where they are sought; there is no GPU.
   */
  start(provider?: 'wasm' | 'webgpu'): Promise<void>;
}

interface Build {
  readonly ort: Ort & { readonly env: Env };
  /** WebAssembly threads are started once: the number that the first graph asked for. */
  readonly threads: number;
  /** One instance runs one thing at a time. */
  readonly queue: Queue;
}

/** Builds of ONNX Runtime by provider; each is a WebAssembly instance of its own. */
const builds = new Map<Provider, Promise<Build>>();

/**
 * ONNX Runtime in the browser, as WebAssembly (unless another provider is given) or through WebGPU. Threads need
 * a cross-origin isolated page; without them everything runs in one. The files' address and the number of threads
 * hold for the page from the first graph on.
 */
export function webRuntime({ wasmPaths }: WebRuntimeOptions = {}): WebRuntime {
  const runtime: Runtime = {
    async load(graph, { provider = 'wasm', threads: wanted, optimise } = {}) {
      if (provider !== 'wasm' && provider !== 'webgpu') {
        fail(`provider '${provider}'`, 'is not for the browser', "use 'wasm' or 'webgpu'");
      }
      if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
        fail('threads', `expected 1 or more, got ${wanted}`);
      }
      if (provider === 'webgpu') await checkGpu();
      const threads = globalThis.crossOriginIsolated ? (wanted ?? webThreads()) : 1;
      let build = builds.get(provider);
      if (!build) {
        build = start(provider, threads, wasmPaths);
        builds.set(provider, build);
        build.catch(() => builds.delete(provider));
      }
      const { ort, queue, threads: running } = await build;
      if (wanted !== undefined && threads !== running) {
        fail(
          'threads',
          `expected ${running}, with which ONNX Runtime was started, got ${wanted}`,
          'reload the page',
        );
      }
      const model = loadable(graph, provider);
      const settings = {
        executionProviders: providers(provider, model),
        // Memory patterns would reserve the peak a second time.
        enableMemPattern: false,
        graphOptimizationLevel: optimizationLevel(optimise),
      };
      return open(ort, model, settings, queue, failFiles);
    },
  };
  return {
    ...runtime,
    async start(provider) {
      await (await runtime.load(smallest, { provider })).release();
    },
  };
}

/** ONNX Runtime starts with the first graph, whichever that is. */
const smallest: Graph = {
  name: 'start',
  inputs: [{ name: 'x', type: 'float32', shape: [1] }],
  outputs: [{ name: 'y', type: 'float32', shape: [1] }],
  nodes: [{ name: 'y', op: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
  constants: new Map(),
};

async function start(
  provider: 'wasm' | 'webgpu',
  threads: number,
  wasmPaths: WebRuntimeOptions['wasmPaths'],
): Promise<Build> {
  const module = provider === 'wasm' ? import('onnxruntime-web/wasm') : import('onnxruntime-web/webgpu');
  const ort = await module.catch((error: unknown) =>
    fail(
      'onnxruntime-web',
      `cannot be imported: ${lineOf(error)}`,
      'install it, and bundle or serve it with the page',
    ),
  );
  ort.env.logLevel = quiet.logLevel;
  ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return { ort, threads, queue: serialQueue() };
}

function failFiles(message: string): void {
  if (/no available backend|Failed to fetch|dynamically imported|WebAssembly/i.test(message)) {
    fail(
      'onnxruntime-web',
      `cannot start: ${message}`,
      'check that its .wasm and .mjs files are served at wasmPaths',
    );
  }
}

async function checkGpu(): Promise<void> {
  if (!(await findGpu())) fail("provider 'webgpu'", 'the browser offers no GPU', "use provider 'wasm'");
}
