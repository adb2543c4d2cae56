import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Entrant } from './contestant.ts';
import type { RaceOptions } from './race.ts';

/** npm runs scripts in the package's folder; what is compiled stands elsewhere and cannot find it by itself. */
export const root = process.cwd();

/** The compiled command line. */
export const limnCommand = join(root, 'dist/cli/main.js');

export type NetName = 'googlenet' | 'googlenet_heads' | 'adience' | 'caffenet' | 'vgg16';

/** Networks as the paper's readers know them. */
export const netTitles: Readonly<Record<NetName, string>> = {
  googlenet: 'GoogLeNet',
  googlenet_heads: 'GoogLeNet with its auxiliary heads',
  adience: 'AdienceNet',
  caffenet: 'CaffeNet',
  vgg16: 'VGG16',
};

/** What limn's process can be asked to do: see `limn/jobs.ts`. */
export type LimnJob =
  | 'forward'
  | 'lrp'
  | 'lrp-taylor'
  | 'mapped-forward'
  | 'mapped-lrp'
  | 'training'
  | 'workers'
  | 'one-session'
  | 'flipping'
  | 'asking';
export type PeerJob =
  | 'torch-forward'
  | 'torch-flipping'
  | 'torch-training'
  | 'opencv-forward'
  | 'ort-forward'
  | 'torch-lrp-lean'
  | 'torch-lrp-zennit'
  | 'torch-compiled-forward'
  | 'torch-compiled-lrp-lean'
  | 'torch-compiled-training';

/** What all groups of measurements share. */
export interface Bench extends RaceOptions {
  readonly threads: number;
  /** Photos of one timing of `faithfulness`. */
  readonly photos: number;
  /** A folder for files that are needed during the run only. */
  readonly folder: string;
  /** Debian's Python, for which it packs PyTorch and OpenCV. */
  readonly python: string;
  /** Says what is being done. */
  say(line: string): void;
}

/** A peer as a contestant. */
export function peer(bench: Bench, name: string, job: PeerJob, net: NetName, batch: number): Entrant {
  const script = join(root, 'bench/peers/server.py');
  const options = [job, net, `${batch}`, '--threads', `${bench.threads}`];
  return { name, command: [bench.python, script, ...options], environment: { LIMN_BENCH: bench.folder } };
}

/** limn as a contestant; the network must have been exported. */
export function limn(bench: Bench, name: string, job: LimnJob, net: NetName, batch: number): Entrant {
  // This file is bundled beside limn's process.
  const script = join(import.meta.dirname, 'limn/server.js');
  return {
    name,
    command: [process.execPath, script, job, net, `${batch}`, `${bench.threads}`, bench.folder],
  };
}

/** How many images were written, by path. */
const exported = new Map<string, number>();

/**
 * Writes a network as the peers run it, and an input of `images` (10) or more, into the bench's folder, where they are
 * not there yet: NET.prototxt, NET.training.prototxt, NET.caffemodel, NET.npy. Returns their path without the ending.
 * Errors: Python or NumPy is not there.
 */
export async function exportNet({ folder, python, say }: Bench, net: NetName, images = 10): Promise<string> {
  const stem = join(folder, net);
  if ((exported.get(stem) ?? 0) >= images) return stem;
  say(`writing ${netTitles[net]} as Caffe files`);
  try {
    await promisify(execFile)(python, [join(root, 'bench/peers/export.py'), net, folder, `${images}`]);
    exported.set(stem, images);
  } catch (error) {
    const line = `${(error as { stderr?: string }).stderr || error}`.trim().split('\n').pop();
    throw new Error(`the networks cannot be written: ${line}; install python3-numpy`);
  }
  return stem;
}
