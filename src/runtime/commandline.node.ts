import { isMainThread, Worker } from 'node:worker_threads';
import { readTextSync } from '../common/file.node.ts';

/** Bytes of the command line that any thread's stack bears; a worker's of 4 MB overflows at about 13,000. */
const harmless = 4000;

let done: Promise<void> | undefined;

/**
 * ONNX Runtime 1.30 for Linux, when it is first used in a process, reads the process' command line with a regular
 * expression that needs some 400 bytes of stack per byte: many photos on it end the process with a segmentation
 * fault. Where the command line is long, this first use is made here, in a thread with a stack that suffices (the
 * kernel's limit of command lines is 2 MB). Worker threads rely on the main thread to have done this.
 */
export function survivesCommandLine(): Promise<void> {
  done ??= isMainThread && commandLineLength() > harmless ? firstUse() : Promise.resolve();
  return done;
}

function commandLineLength(): number {
  if (process.platform !== 'linux') return 0;
  try {
    return readTextSync('/proc/self/cmdline').length;
  } catch {
    return 0;
  }
}

/** Opens a session of no model: it fails, but only once ONNX Runtime has started. */
async function firstUse(): Promise<void> {
  const script = `
    import(${JSON.stringify(import.meta.resolve('onnxruntime-node'))})
      .then(({ env, InferenceSession }) => {
        env.logLevel = 'fatal';
        return InferenceSession.create(new Uint8Array(1));
      })
      .catch(() => undefined);`;
  const worker = new Worker(script, { eval: true, resourceLimits: { stackSizeMb: 1024 } });
  // What fails here is reported where ONNX Runtime is used next.
  await new Promise<void>((resolve) => worker.once('error', () => resolve()).once('exit', () => resolve()));
}
