import { plural } from '../../common/format.ts';
import type { Shard } from '../../common/shard.ts';
import { print, printJson } from '../output.ts';

/** A finished shard: of photos, or of heatmaps. */
type FinishedShard = { readonly shard: Shard; readonly files: readonly string[] } & (
  | { readonly photos: number }
  | { readonly heatmaps: number }
);

/** Says that a shard of an analysis is done. */
export function printShard(result: FinishedShard, json: boolean): void {
  const { shard, files } = result;
  const items = 'photos' in result ? plural(result.photos, 'photo') : plural(result.heatmaps, 'file');
  if (json) printJson(result);
  else print(`shard ${shard.index} of ${shard.of}: ${items}\n${files[0]}\n`);
}
