import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Unit } from './unit.ts';

/** How far a unit is. */
export interface Reached {
  readonly iteration: number;
  readonly iterations: number;
  readonly loss?: number;
}

/** What the last whole line of a unit's progress file says; undefined where there is none yet. `root` is the plan's folder. */
export async function reached({ progress }: Unit, root: string): Promise<Reached | undefined> {
  const file = progress && (await open(resolve(root, progress.file), 'r').catch(() => undefined));
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, 16_384));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    for (const line of bytes.toString('utf8').split('\n').slice(0, -1).reverse()) {
      const { iteration, loss } = parsed(line);
      if (typeof iteration !== 'number') continue;
      return { iteration, iterations: progress.iterations, ...(typeof loss === 'number' && { loss }) };
    }
  } catch {
    // It is being replaced; the next look will tell.
  } finally {
    await file.close();
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
