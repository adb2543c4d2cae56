import type { Graph } from '../graph/index.ts';
import { costs, infer } from '../operators/index.ts';
import type { Runtime, Session, WebRuntime } from '../runtime/index.ts';
import { findGpu } from '../runtime/webgpu.ts';
import type { Host } from '../verbs/index.ts';

/** A GPU where there is one and the work is worth it, or always one of the two. */
export type DeviceChoice = 'automatic' | 'webgpu' | 'wasm';

/** What has computed last. */
export interface Device {
  readonly provider: 'webgpu' | 'wasm';
  /** The GPU's name, where it computes and has one. */
  readonly gpu?: string | undefined;
  /** Why the GPU does not compute that was asked for, in words. */
  readonly note?: string | undefined;
}

/**
 * So many multiply-adds of a request are worth a GPU: WebAssembly takes about a second to explain a photo by a network of that
 * size, and a GPU as long to compile what it runs.
 */
const worthGpu = 1e9;

/** Where the page computes, and who says so. */
export interface ChosenDevice {
  readonly host: Host;
  /** On a GPU that fails, WebAssembly does what was asked; errors are those that it has, too. */
  readonly runtime: Runtime;
  choose(choice: DeviceChoice): void;
  /** Makes a GPU ready that is used automatically: to be called when nothing is being computed that it could hold up. */
  prepare(): void;
}

/**
 * A host that computes as WebAssembly, or through WebGPU: always where that is chosen; automatically on a GPU that is none in software,
 * as soon as it is ready, what is worth it. `tell` hears what computes each time that it is another.
 */
export function chosenDevice(web: Host, runtime: WebRuntime, tell: (device: Device) => void): ChosenDevice {
  let choice: DeviceChoice = 'automatic';
  let gpu: { readonly name: string } | undefined;
  let note: string | undefined;
  /** Of what was chosen last: until it is settled whether there is a GPU. */
  let settled: Promise<void> | undefined;
  let told = '';

  function say(provider: Device['provider']): void {
    const device: Device = {
      provider,
      ...(provider === 'webgpu' && gpu && { gpu: gpu.name }),
      ...(note !== undefined && { note }),
    };
    if (JSON.stringify(device) === told) return;
    told = JSON.stringify(device);
    tell(device);
  }

  function giveUp(error: unknown): void {
    gpu = undefined;
    note = `WebGPU failed (${error instanceof Error ? error.message : error}): WebAssembly computes instead`;
    say('wasm');
  }

  async function getReady(chosen: DeviceChoice): Promise<void> {
    try {
      const found = await findGpu();
      if (chosen === 'automatic' && (!found || found.software)) return;
      if (found) await runtime.start('webgpu');
      if (choice !== chosen) return;
      gpu = found;
      note = found ? undefined : 'This browser offers no GPU: WebAssembly computes instead';
    } catch (error) {
      // Nobody has asked for the GPU that is found automatically.
      if (chosen === 'webgpu' && choice === chosen) giveUp(error);
    }
  }

  async function providerFor(graph: Graph, images: number): Promise<Device['provider']> {
    if (choice === 'webgpu') await settled;
    if (!gpu) return 'wasm';
    return choice === 'webgpu' || images * workOf(graph) >= worthGpu ? 'webgpu' : 'wasm';
  }

  const careful: Runtime = {
    async load(graph, options = {}) {
      if (options.provider !== 'webgpu') return runtime.load(graph, options);
      const instead = () => runtime.load(graph, { ...options, provider: 'wasm' });
      return replaceable(await runtime.load(graph, options).catch(orElse(instead, giveUp)), instead, giveUp);
    },
  };

  return {
    host: {
      ...web,
      async compute(graph, images, options) {
        const provider = options.provider ?? (await providerFor(graph, images));
        if (provider === 'webgpu' || provider === 'wasm') say(provider);
        return { ...(await web.compute(graph, images, { ...options, provider })), runtime: careful };
      },
    },
    runtime: careful,
    choose(chosen) {
      [choice, gpu, note, settled] = [chosen, undefined, undefined, undefined];
      if (chosen === 'webgpu') settled = getReady(chosen);
    },
    prepare() {
      if (choice === 'automatic') settled ??= getReady(choice);
    },
  };
}

/** Does what failed in another way: if that does it, `failed` hears of the error; if not, the error is that one's. */
const orElse =
  <T>(instead: () => Promise<T>, failed: (error: unknown) => void) =>
  async (error: unknown): Promise<T> => {
    const made = await instead();
    failed(error);
    return made;
  };

/** A session that another one takes the place of when a run of it fails. */
function replaceable(
  first: Session,
  instead: () => Promise<Session>,
  failed: (error: unknown) => void,
): Session {
  let other: Promise<Session> | undefined;
  return {
    async run(inputs, outputs) {
      if (other) return (await other).run(inputs, outputs);
      return first.run(inputs, outputs).catch(
        orElse(async () => {
          other ??= instead();
          return (await other).run(inputs, outputs);
        }, failed),
      );
    },
    async release() {
      await Promise.all([first.release(), other?.then((session) => session.release())]);
    },
  };
}

const works = new WeakMap<Graph, number>();

/** Multiply-adds for one image. */
function workOf(graph: Graph): number {
  const known =
    works.get(graph) ??
    [...costs(graph, infer(graph)).values()].reduce((sum, each) => sum + each.multiplyAdds, 0);
  works.set(graph, known);
  return known;
}
