import { plural } from '../../common/format.ts';
import type { Shard } from '../../common/shard.ts';
import { print, printJson } from '../output.ts';

/** Says that a shard of an analysis is done. */
export function printShard(
  result: { readonly shard: Shard; readonly photos: number; readonly files: readonly string[] },
  json: boolean,
): void {
  const { shard, photos, files } = result;
  if (json) printJson(result);
  else print(`shard ${shard.index} of ${shard.of}: ${plural(photos, 'photo')}\n${files[0]}\n`);
}
