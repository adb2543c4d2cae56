import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, exportNet, limnCommand, type NetName } from './bench.ts';

export interface Called {
  readonly ms: number;
  /** Peak of the process' resident memory, in bytes. */
  readonly memory: number;
  /** Processor time of all its threads, in ms: what other work on the machine takes counts little in it. */
  readonly cpu: number;
}

/**
 * Has the process write its peak of memory, in KiB, and its processor time to its file descriptor 3 when it ends: the main thread
 * alone, for worker threads run this too, and end before it.
 */
const preload = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   import { isMainThread } from 'node:worker_threads';
   if (isMainThread) process.on('exit', () => {
     const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
     writeSync(3, [maxRSS, (userCPUTime + systemCPUTime) / 1000].join(' '));
   });`,
)}`;

/** Calls limn's command line in a new process. Errors: it fails. */
export async function call(words: readonly string[]): Promise<Called> {
  // Node reads all certificates of this file at every start, which takes some 30 ms; few machines name one.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', preload, limnCommand, ...words], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env,
  });
  let [stderr, told] = ['', ''];
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  child.stdio[3]!.on('data', (text) => {
    told += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const ms = performance.now() - start;
  if (code !== 0) throw new Error(`limn ${words[0]} ended with ${code}: ${stderr.trim()}`);
  const [peak, cpu] = told.split(' ').map(Number);
  return { ms, memory: peak * 1024, cpu };
}

/** A network of the peers as NET.onnx in the bench's folder, for inputs that are ready; returns the Caffe files' stem. */
export async function importNet(bench: Bench, net: NetName): Promise<string> {
  const stem = await exportNet(bench, net);
  await call(['import', 'caffe', `${stem}.prototxt`, `${stem}.caffemodel`, '-o', `${stem}.onnx`]);
  return stem;
}

/** GoogLeNet as an .onnx file that the command line explains photos with, and its size in bytes. */
export async function importGoogLeNet(bench: Bench): Promise<{ model: string; bytes: number }> {
  const stem = await exportNet(bench, 'googlenet');
  const model = join(bench.folder, 'googlenet.onnx');
  const photos = ['--mean', '104,117,123', '--resize', '256'];
  await call(['import', 'caffe', `${stem}.prototxt`, `${stem}.caffemodel`, ...photos, '-o', model]);
  return { model, bytes: (await stat(model)).size };
}
