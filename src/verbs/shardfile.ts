import {
  type AnalysedModel,
  type AnalysisHead,
  analysisIdentity,
  givenSettings,
} from '../common/analysed.ts';
import { fail } from '../common/error.ts';
import { isShard, type Shard } from '../common/shard.ts';
import { parseVersioned } from '../common/versioned.ts';
import type { LoadedModel } from '../onnx/index.ts';
import type { Host } from './host.ts';
import { ofShard, type ResultReader } from './kept.ts';
import { fileHash } from './model.ts';

/** What every shard's file begins with. */
export interface ShardFile {
  readonly format: string;
  readonly shard: Shard;
  /** Of the whole. */
  readonly identity: AnalysisHead;
}

/**
 * Reads the files of shards of one kind, as `{ format: 'limn faces shard 1', of: 'faces' }`. `isWhole` says whether all parts are
 * there that are read later.
 */
export function shardReader<T extends ShardFile>(
  { format, of, holds = of }: { readonly format: T['format']; readonly of: string; readonly holds?: string },
  isWhole: (found: Partial<T>) => boolean,
): ResultReader<T> {
  const [what, fix] = [`a shard of ${of}`, 'do this shard again'];
  return {
    what,
    holds,
    read(text, path) {
      const found = parseVersioned(text, path, { format, what, fix }) as Partial<T>;
      if (!isShard(found.shard) || !found.identity || !isWhole(found))
        fail(path, 'damaged: parts are missing', fix);
      return found as T;
    },
    identityOf: ({ identity, shard }) => ofShard(analysisIdentity(identity), shard),
  };
}

/** A model of which all outputs are asked. */
export const wholeModel = async (path: string, loaded: LoadedModel, host: Host): Promise<AnalysedModel> => ({
  file: host.files.basename(path),
  sha256: await fileHash(loaded, host),
  network: loaded.model.graph.name,
  head: loaded.model.info.heads.map(({ name }) => name).join(', '),
});

/** The head of work on items that are named one by one, with everything that was asked of them. */
export function workHead(
  model: AnalysisHead['model'],
  source: string,
  items: readonly unknown[],
  asked: Readonly<Record<string, unknown>>,
  host: Host,
): AnalysisHead {
  return {
    ...(model && { model }),
    data: {
      source,
      sha256: host.sha256().update(JSON.stringify(items)).digest(),
      photos: items.length,
      skipped: [],
    },
    settings: plainSettings(asked),
    versions: host.versions,
  };
}

/** What was asked as a report has it: what is not given left out, lists as texts. */
export const plainSettings = (asked: Readonly<Record<string, unknown>>): AnalysisHead['settings'] =>
  givenSettings(
    Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean | undefined),
      ]),
    ),
  );

/** Begins the last field of a shard's file. */
const LAST = ',"whole":"';

/** A shard's document as its file has it, with the SHA-256 of it as its last field: what was changed since is found. */
export const shardText = (document: string, { sha256 }: Host): string =>
  `${document.slice(0, -1)}${LAST}${sha256().update(document).digest()}"}\n`;

/** Errors: the text is not what {@link shardText} made. */
export function checkShardText(text: string, path: string, host: Host): void {
  const at = text.lastIndexOf(LAST);
  if (at < 0 || shardText(`${text.slice(0, at)}}`, host) !== text)
    fail(path, 'damaged: it is not as it was written', 'do this shard again');
}
