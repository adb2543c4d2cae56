import { availableParallelism } from 'node:os';
import { parse, relative, resolve, sep } from 'node:path';
import type { Env } from 'onnxruntime-common';
import { fail } from '../common/error.ts';
import { checkUnchanged } from '../common/file.node.ts';
import { type FilePlace, type Graph, placeOf } from '../graph/index.ts';
import { hasBinary, noteWithoutBinary } from './binary.node.ts';
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
import { type Queue, serialQueue } from './queue.ts';
import type { LocalSession, Provider, Runtime, SessionOptions } from './session.ts';
import { silenceTelemetry } from './telemetry.node.ts';

/**
 * ONNX Runtime in Node, on the processor, through WebGPU, or on CUDA; as WebAssembly where this platform's binary is
 * missing, or when asked for. It is first imported when a graph is loaded.
 */
export const nodeRuntime: Runtime = {
  load: (graph, options) => loadHere(loadableHere(graph, options?.provider), options),
};

/**
 * A graph to load in this process: weights that stand in files stay there, and ONNX Runtime maps them. Errors: such a file
 * was changed after it was read.
 */
export function loadableHere(graph: Graph, provider: Provider = 'cpu'): Loadable {
  // WebAssembly sees no files.
  if (provider === 'wasm' || !hasBinary()) return loadable(graph, provider);
  const places = new Map<string, FilePlace>();
  for (const constant of graph.constants.values()) {
    const place = placeOf(constant);
    if (place) places.set(place.path, place);
  }
  const [place] = places.values();
  if (!place) return loadable(graph, provider);
  for (const each of places.values()) checkUnchanged(each);
  // ONNX Runtime reads files below one folder only. On Windows each drive has a root of its own.
  const { root } = parse(resolve(place.path));
  const pathTo = (file: string): string | undefined => {
    const path = resolve(file);
    return parse(path).root === root ? relative(root, path).replaceAll(sep, '/') : undefined;
  };
  return loadable(graph, provider, { folder: root, pathTo });
}

/** Opens a session in this thread. A run blocks the thread: what must go on meanwhile needs a worker. */
export async function loadHere(model: Loadable, options: SessionOptions = {}): Promise<LocalSession> {
  const { provider: wanted = 'cpu', threads = availableParallelism(), arena = true, optimise } = options;
  if (!(Number.isInteger(threads) && threads >= 1)) fail('threads', `expected 1 or more, got ${threads}`);
  startRuntime();
  const provider = wanted === 'cpu' && !hasBinary() ? 'wasm' : wanted;
  const settings = {
    executionProviders: providers(provider, model),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: arena,
    // It would lay out a run's whole memory in one block: 75 MB more for GoogLeNet's relevance, and no faster.
    enableMemPattern: false,
    graphOptimizationLevel: optimizationLevel(optimise),
    extra: {
      session: {
        ...(!model.packed && { disable_prepacking: '1' }),
        ...(model.folder !== undefined && { model_external_initializers_file_folder_path: model.folder }),
      },
    },
  };
  if (provider === 'wasm') {
    const { ort, queue } = await webAssembly(threads);
    return open(ort, model, settings, queue, () => undefined);
  }
  return open(await onnxruntime(), model, settings, serialQueue(), (message) => {
    if (provider !== 'cpu') failProvider(provider, message);
  });
}

/**
 * What the main thread does before anything of ONNX Runtime starts in this process. Worker threads rely on the main
 * thread to have done this.
 */
export function startRuntime(): void {
  if (hasBinary()) silenceTelemetry();
  else noteWithoutBinary();
}

let imported: Promise<Ort> | undefined;

function onnxruntime(): Promise<Ort> {
  imported ??= import('onnxruntime-node').then((ort) => {
    ort.env.logLevel = quiet.logLevel;
    return ort;
  }, failImport);
  return imported;
}

let started: Promise<{ ort: Ort; queue: Queue }> | undefined;

/** One instance a thread of Node's, which does one thing at a time; whoever comes first says how many threads it has. */
function webAssembly(threads: number): Promise<{ ort: Ort; queue: Queue }> {
  started ??= import('onnxruntime-web').then((ort: Ort & { readonly env: Env }) => {
    ort.env.logLevel = quiet.logLevel;
    ort.env.wasm.numThreads = threads;
    return { ort, queue: serialQueue() };
  }, failImport);
  return started;
}

/** Says what it means that ONNX Runtime cannot be imported. */
export function failImport(error: unknown): never {
  const message = lineOf(error);
  const platform = `${process.platform} ${process.arch}`;
  return fail('ONNX Runtime', `cannot be loaded on ${platform}: ${message}`, 'reinstall it: npm ci');
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
