import type { Env } from 'onnxruntime-common';
import { fail } from '../common/error.ts';
import { lineOf, quiet } from './messages.ts';
import { type Queue, serialQueue } from './queue.ts';
import type { Provider } from './session.ts';

/* ONNX Runtime in a page, before there is a graph. What a page loads first imports this alone: writing graphs comes later. */

/** Where a page finds ONNX Runtime's files, and how it computes. */
export interface WebRuntimeOptions {
  /**
   * Where onnxruntime-web's files lie: the folder's address, or that of each file. For `wasm` they are
   * `ort-wasm-simd-threaded.{mjs,wasm}`, for `webgpu` `ort-wasm-simd-threaded.asyncify.{mjs,wasm}`. Unless given,
   * the .wasm file is sought beside the script; give it when limn is bundled.
   */
  readonly wasmPaths?: string | { readonly mjs: string; readonly wasm: string } | undefined;
}

/** ONNX Runtime as one WebAssembly instance. */
export interface WebBuild {
  readonly ort: typeof import('onnxruntime-web/wasm') & { readonly env: Env };
  /** WebAssembly threads are started once: the number that the first graph asked for. */
  readonly threads: number;
  /** One instance runs one thing at a time. */
  readonly queue: Queue;
}

/** By provider. */
const builds = new Map<Provider, Promise<WebBuild>>();

/** Threads that a graph gets which asks for so many: all that there are unless it does, one where the page may have no more. */
export const webThreads = (wanted: number | undefined): number =>
  globalThis.crossOriginIsolated ? (wanted ?? navigator.hardwareConcurrency) : 1;

/** The build for a provider; the first that is asked for settles its threads and files. */
export function webBuild(
  provider: 'wasm' | 'webgpu',
  threads: number,
  { wasmPaths }: WebRuntimeOptions,
): Promise<WebBuild> {
  const known = builds.get(provider);
  if (known) return known;
  const build = imported(provider, threads, wasmPaths);
  builds.set(provider, build);
  build.catch(() => builds.delete(provider));
  return build;
}

async function imported(
  provider: 'wasm' | 'webgpu',
  threads: number,
  wasmPaths: WebRuntimeOptions['wasmPaths'],
): Promise<WebBuild> {
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

/**
 * Fetches and starts ONNX Runtime for WebAssembly before there is a graph to load: what else a page has to fetch comes
 * meanwhile. Errors: its files are not where they are sought.
 */
export async function startWebRuntime(options: WebRuntimeOptions = {}): Promise<void> {
  const { ort, queue } = await webBuild('wasm', webThreads(undefined), options);
  await queue(async () => {
    try {
      const session = await ort.InferenceSession.create(smallestModel(), {
        executionProviders: ['wasm'],
        logSeverityLevel: quiet.logSeverityLevel,
      });
      await session.release();
    } catch (error) {
      failFiles(lineOf(error));
      throw error;
    }
  });
}

/** ONNX Runtime starts with the first model, whichever that is: y = x. */
export const smallestModel = (): Uint8Array =>
  Uint8Array.from(
    atob(
      'CAgSBGxpbW4aBTAuMS4wQgQKABASMgMgICA6PgoTCgF4EgF5GgF5IghJZGVudGl0eRIFc3RhcnRaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggB',
    ),
    (character) => character.charCodeAt(0),
  );

/** What an error says of files that are not there. */
export function failFiles(message: string): void {
  if (/no available backend|Failed to fetch|dynamically imported|WebAssembly/i.test(message)) {
    fail(
      'onnxruntime-web',
      `cannot start: ${message}`,
      'check that its .wasm and .mjs files are served at wasmPaths',
    );
  }
}
