import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import { fail, LimnError } from '../common/error.ts';
import type { Graph, ValueInfo } from '../graph/index.ts';
import { toRuntime, toRuntimeByPlace } from '../onnx/index.ts';
import { checkInputs, checkOutputs } from './inputs.ts';
import { wantsPacking } from './packing.ts';
import type { Queue } from './queue.ts';
import type { LocalSession, Provider, SessionOptions } from './session.ts';
import { fromOrt, toOrt } from './tensors.ts';
import { type TensorLayout, webgpuLayout } from './webgpu.ts';

/** The part of ONNX Runtime that both hosts share. */
export interface Ort {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** A graph in the form in which ONNX Runtime loads it; plain data, which also travels to workers. */
export interface Loadable {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly bytes: Uint8Array;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** The folder in which files are sought that are not in `externalData`. */
  readonly folder?: string | undefined;
  /** For the CPU: see {@link wantsPacking}. */
  readonly packed: boolean;
  /** For WebGPU, and only there. */
  readonly layout?: TensorLayout | undefined;
}

/** How a host finds files of weights: the folder that all paths start from, and the way there from it. */
export interface Located {
  readonly folder: string;
  pathTo(file: string): string | undefined;
}

/**
 * A graph to load on a provider. The weights in it are those of the graph, not copies; those that stand in files are left to ONNX
 * Runtime if `located`.
 */
export function loadable(graph: Graph, provider: Provider = 'cpu', located?: Located): Loadable {
  const { name, inputs, outputs } = graph;
  const placed = located && toRuntimeByPlace(graph, located.pathTo);
  const model = placed ?? toRuntime(graph);
  const folder = placed && located.folder;
  const hints = {
    packed: wantsPacking(graph),
    layout: provider === 'webgpu' ? webgpuLayout(graph) : undefined,
  };
  return { name, inputs, outputs, ...model, folder, ...hints };
}

/** What ONNX Runtime is told about where to compute. */
export const providers = (
  provider: Provider,
  { layout }: Loadable,
): InferenceSession.ExecutionProviderConfig[] => [
  provider === 'webgpu' && layout ? { name: 'webgpu', preferredLayout: layout } : provider,
];

/** ONNX Runtime's name for how much it rearranges. */
export const optimizationLevel = (optimise: SessionOptions['optimise'] = 'full'): 'all' | 'disabled' =>
  optimise === 'full' ? 'all' : 'disabled';

/** Only what ends a run is worth a word, and that is thrown: nothing goes to the user's terminal by itself. */
export const quiet = { logLevel: 'fatal', logSeverityLevel: 4 } as const;

/**
 * Opens a session. `queue` keeps apart what ONNX Runtime must not do at once.
 * `hint` may know what an error of ONNX Runtime means on this host; it throws then.
 */
export async function open(
  ort: Ort,
  model: Loadable,
  options: InferenceSession.SessionOptions,
  queue: Queue,
  hint: (message: string) => void,
): Promise<LocalSession> {
  const { name, inputs: declared, outputs: all } = model;
  // WebAssembly has a memory of its own: it would leave memory that is given for outputs as it was.
  const fills = !options.executionProviders?.includes('wasm');
  const session = await queue(() =>
    ort.InferenceSession.create(model.bytes, {
      ...options,
      externalData: [...model.externalData],
      logSeverityLevel: quiet.logSeverityLevel,
    }).catch((error: unknown) => {
      const message = lineOf(error);
      hint(message);
      return fail(name, `ONNX Runtime cannot load it: ${message}`, outOfMemory(message));
    }),
  );

  let released: Promise<void> | undefined;
  return {
    async run(inputs, outputs = all.map((info) => info.name), into = {}) {
      if (released) fail(name, 'the session is released');
      checkInputs(name, declared, inputs);
      checkOutputs(name, all, [...outputs, ...Object.keys(into)]);
      return queue(async () => {
        try {
          const given = Object.keys(into);
          const fetches = {
            ...Object.fromEntries([...outputs, ...given].map((output) => [output, null])),
            ...(fills && toOrt(ort.Tensor, into)),
          };
          const made = await session.run(toOrt(ort.Tensor, inputs), fetches);
          if (!fills)
            for (const output of given)
              (into[output].data as Float32Array).set(made[output].data as Float32Array);
          return fromOrt(
            Object.fromEntries(Object.entries(made).filter(([output]) => !Object.hasOwn(into, output))),
          );
        } catch (error) {
          if (error instanceof LimnError) throw error;
          const message = lineOf(error);
          return fail(name, `ONNX Runtime cannot run it: ${message}`, outOfMemory(message));
        }
      });
    },
    release() {
      released ??= queue(() => session.release());
      return released;
    },
  };
}

/** What was thrown, in one line. */
export function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}

const outOfMemory = (message: string): string | undefined =>
  /alloc|out of memory/i.test(message) ? 'the memory does not suffice: use a smaller batch' : undefined;
