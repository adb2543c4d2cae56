import { availableParallelism } from 'node:os';
import { fail } from '../common/error.ts';
import { survivesCommandLine } from './commandline.node.ts';
import {
  type Loadable,
  lineOf,
  loadable,
  type Ort,
  open,
  optimizationLevel,
  providers,
  quiet,
} from './open.ts';
import { serialQueue } from './queue.ts';
import type { LocalSession, Runtime, SessionOptions } from './session.ts';

/** ONNX Runtime in Node, on the processor, through WebGPU, or on CUDA. It is first imported when a graph is loaded. */
export const nodeRuntime: Runtime = { load: (graph, options) => loadHere(loadable(graph), options) };

/** Opens a session in this thread. A run blocks the thread: what must go on meanwhile needs a worker. */
export async function loadHere(model: Loadable, options: SessionOptions = {}): Promise<LocalSession> {
  const { provider = 'cpu', threads = availableParallelism(), arena = true, optimise } = options;
  if (provider === 'wasm') fail("provider 'wasm'", 'is for the browser', "use 'cpu'");
  if (!(Number.isInteger(threads) && threads >= 1)) fail('threads', `expected 1 or more, got ${threads}`);
  const ort = await onnxruntime();
  const settings = {
    executionProviders: providers(provider, model),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: arena,
    // It would lay out a run's whole memory in one block: 75 MB more for GoogLeNet's relevance, and no faster.
    enableMemPattern: false,
    graphOptimizationLevel: optimizationLevel(optimise),
  };
  return open(ort, model, settings, serialQueue(), (message) => {
    if (provider !== 'cpu') failProvider(provider, message);
  });
}

let imported: Promise<Ort> | undefined;

function onnxruntime(): Promise<Ort> {
  imported ??= survivesCommandLine()
    .then(() => import('onnxruntime-node'))
    .then((ort) => {
      ort.env.logLevel = quiet.logLevel;
      return ort;
    }, failImport);
  return imported;
}

/** Says what it means that onnxruntime-node cannot be imported. */
export function failImport(error: unknown): never {
  const message = lineOf(error);
  const platform = `${process.platform} ${process.arch}`;
  if (/Cannot find (package|module) '?onnxruntime-node/.test(message)) {
    return fail('onnxruntime-node', 'is not installed', 'run npm install onnxruntime-node');
  }
  if (/onnxruntime_binding\.node/.test(message) && /Cannot find module/.test(message)) {
    return fail(
      'onnxruntime-node',
      `has no binary for ${platform}`,
      'use limn in a browser, or on another platform',
    );
  }
  return fail('onnxruntime-node', `cannot be loaded on ${platform}: ${message}`, 'reinstall it: npm ci');
}

/** Says what it means that a provider is not there; returns if the error is about something else. */
export function failProvider(provider: string, message: string): void {
  if (provider === 'cuda' && /CUDA|cuda|cudnn|shared library|provider/.test(message)) {
    fail(
      "provider 'cuda'",
      `cannot be used: ${message}`,
      'it needs an NVIDIA GPU, CUDA 12, cuDNN 9, and: node node_modules/onnxruntime-node/script/install --onnxruntime-node-install=cuda12',
    );
  }
  if (provider === 'webgpu' && /adapter|WebGPU device|backend not found/i.test(message)) {
    fail(
      "provider 'webgpu'",
      'found no GPU that it can use',
      "install the GPU's Vulkan driver (Linux), or use provider 'cpu'",
    );
  }
}
