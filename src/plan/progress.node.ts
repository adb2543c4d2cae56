import { resolve } from 'node:path';
import { readEnd } from '../common/file.node.ts';
import type { Unit } from './unit.ts';

/** How far a unit is. */
export interface Reached {
  readonly iteration: number;
  readonly iterations: number;
  readonly loss?: number;
}

/** What the last whole line of a unit's progress file says; undefined where there is none yet. `root` is the plan's folder. */
export async function reached({ progress }: Unit, root: string): Promise<Reached | undefined> {
  if (!progress) return undefined;
  // It is not there yet, or being replaced: the next look will tell.
  const bytes = await readEnd(resolve(root, progress.file), 16_384).catch(() => undefined);
  for (const line of new TextDecoder().decode(bytes).split('\n').slice(0, -1).reverse()) {
    const { iteration, loss } = parsed(line);
    if (typeof iteration !== 'number') continue;
    return { iteration, iterations: progress.iterations, ...(typeof loss === 'number' && { loss }) };
  }
  return undefined;
}

function parsed(line: string): { readonly iteration?: unknown; readonly loss?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as object;
  } catch {
    return {};
  }
}
