import { basename, extname, join } from 'node:path';
import type { EvaluateRequest } from '../../verbs/evaluate/index.ts';

/**
 * `results/TARGET/MODEL`; of several models `results/TARGET`, where each has its folder. Without a target one folder less. Parts
 * of the photos have folders of their own: `MODEL-2-of-8`.
 */
export function evaluatedFolder({
  models,
  target,
  as,
  shard,
}: Pick<EvaluateRequest, 'models' | 'target' | 'as' | 'shard'>): string {
  const asked = target ?? (as === 'adience' ? 'age' : undefined);
  const part = shard ? `-${shard.index}-of-${shard.of}` : '';
  const name = stem(models[0]).replace(/[-_. ]?\{fold\}/g, '') || 'model';
  return join(
    'results',
    ...(asked === undefined ? [] : [plainName(asked)]),
    ...(models.length > 1 ? (part ? [`all${part}`] : []) : [`${name}${part}`]),
  );
}

const stem = (path: string): string => basename(path, extname(path));

/** A name that is no path. */
const plainName = (text: string): string => text.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
