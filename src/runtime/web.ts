import { fail } from '../common/error.ts';
import { loadable, open, optimizationLevel, providers } from './open.ts';
import type { Runtime } from './session.ts';
import { failFiles, startWebRuntime, type WebRuntimeOptions, webBuild, webThreads } from './webbuild.ts';

export type { WebRuntimeOptions } from './webbuild.ts';

/** ONNX Runtime in the browser. */
export interface WebRuntime extends Runtime {
  /**
   * Fetches and starts ONNX Runtime for WebAssembly before there is a graph to load: what else a page has to fetch comes
   * meanwhile. Errors: its files are not where they are sought.
   */
  start(): Promise<void>;
}

/**
 * ONNX Runtime in the browser, as WebAssembly (unless another provider is given) or through WebGPU. Threads need
 * a cross-origin isolated page; without them everything runs in one. The files' address and the number of threads
 * hold for the page from the first graph on.
 */
export function webRuntime(options: WebRuntimeOptions = {}): WebRuntime {
  return {
    async load(graph, { provider = 'wasm', threads: wanted, optimise } = {}) {
      if (provider !== 'wasm' && provider !== 'webgpu') {
        fail(`provider '${provider}'`, 'is not for the browser', "use 'wasm' or 'webgpu'");
      }
      if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
        fail('threads', `expected 1 or more, got ${wanted}`);
      }
      if (provider === 'webgpu') await findAdapter();
      const threads = webThreads(wanted);
      const { ort, queue, threads: running } = await webBuild(provider, threads, options);
      if (wanted !== undefined && threads !== running) {
        fail(
          'threads',
          `expected ${running}, with which ONNX Runtime was started, got ${wanted}`,
          'reload the page',
        );
      }
      const model = loadable(graph);
      const settings = {
        executionProviders: providers(provider, model),
        // Memory patterns would reserve the peak a second time.
        enableMemPattern: false,
        graphOptimizationLevel: optimizationLevel(optimise),
      };
      return open(ort, model, settings, queue, failFiles);
    },
    start: () => startWebRuntime(options),
  };
}

async function findAdapter(): Promise<void> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  const adapter = await gpu?.requestAdapter();
  if (!adapter) fail("provider 'webgpu'", 'the browser offers no GPU', "use provider 'wasm'");
}
