import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { SHARD_FILE } from '../../common/shard.ts';
import type { AverageResult } from '../average/index.ts';
import type { ClassifyResult } from '../classify/index.ts';
import type { ClustersEvent, ClustersResult } from '../clusters/index.ts';
import type { ConceptsEvent, ConceptsResult } from '../concepts/index.ts';
import type { EvaluatedModel } from '../evaluate/index.ts';
import type { ExplainRecord } from '../explain/index.ts';
import type { FacesResult } from '../faces/index.ts';
import type { FaithfulnessResult } from '../faithfulness/index.ts';
import type { GridResult } from '../grid/index.ts';
import type { Host } from '../host.ts';
import type { RegionsResult } from '../regions/index.ts';
import { checkRequest } from '../request.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { mergeAverages } from './average.ts';
import { mergeClassify } from './classify.ts';
import { mergeClusters } from './clusters.ts';
import { mergeConcepts } from './concepts.ts';
import { mergeEvaluation } from './evaluation.ts';
import { mergeExplanations } from './explain.ts';
import { mergeFaces } from './faces.ts';
import { mergeFaithfulness } from './faithfulness.ts';
import { mergeGrid } from './grid.ts';
import { mergeRegions } from './regions.ts';
import { type MergeRequest, mergeRequest } from './request.ts';

/** What came of shards, by the verb that made them. */
export type MergeResult =
  | { readonly kind: 'explain'; readonly record: ExplainRecord }
  | { readonly kind: 'average'; readonly mean: AverageResult }
  | { readonly kind: 'classify'; readonly answers: ClassifyResult }
  | { readonly kind: 'faces'; readonly found: FacesResult }
  | { readonly kind: 'grid'; readonly drawn: GridResult }
  | { readonly kind: 'regions'; readonly measured: RegionsResult }
  | { readonly kind: 'evaluate'; readonly evaluated: EvaluatedModel }
  | { readonly kind: 'faithfulness'; readonly analysis: FaithfulnessResult }
  | { readonly kind: 'clusters'; readonly clustering: ClustersResult }
  | { readonly kind: 'concepts'; readonly analysis: ConceptsResult };

/** What is told meanwhile, of shards that are put together by more than counting. */
export type MergeEvent = ProgressEvent | ClustersEvent | ConceptsEvent;

/**
 * Puts shards of one piece of work together, which verbs made that were asked for a `shard` each; what it writes is what
 * one run without shards writes, to the last bit. Errors, before anything is written: shards of different models, data,
 * settings or versions; some that are missing or there twice.
 */
export async function merge(
  request: MergeRequest,
  host: Host,
  watch: Watch<MergeEvent> = {},
): Promise<MergeResult> {
  const asked = checkRequest(mergeRequest, request, watch.signal);
  const { shards, output } = asked;
  const found: MergeResult['kind'][] = [];
  for (const folder of shards) found.push(await kindOfShard(folder, host));
  const other = found.findIndex((kind) => kind !== found[0]);
  if (other >= 0) {
    const [first, second] = [found[0], found[other]].map((kind) => quoted(kind));
    fail(shards[other], `a shard of ${second}, ${shards[0]} of ${first}`, 'merge what belongs together');
  }
  switch (found[0]) {
    case 'average':
      return { kind: 'average', mean: await mergeAverages(shards, output, host) };
    case 'classify':
      return { kind: 'classify', answers: await mergeClassify(shards, output, host) };
    case 'faces':
      return { kind: 'faces', found: await mergeFaces(asked, host) };
    case 'grid':
      return { kind: 'grid', drawn: await mergeGrid(shards, output, host) };
    case 'regions':
      return { kind: 'regions', measured: await mergeRegions(asked, host) };
    case 'explain':
      return { kind: 'explain', record: await mergeExplanations(shards, output, host, watch) };
    case 'evaluate':
      return { kind: 'evaluate', evaluated: await mergeEvaluation(asked, host) };
    case 'faithfulness':
      return { kind: 'faithfulness', analysis: await mergeFaithfulness(asked, host) };
    case 'clusters':
      return { kind: 'clusters', clustering: await mergeClusters(asked, host, watch) };
    case 'concepts':
      return { kind: 'concepts', analysis: await mergeConcepts(asked, host, watch) };
  }
}

/** Which verb made a shard. Errors: none did. */
async function kindOfShard(folder: string, { files }: Host): Promise<MergeResult['kind']> {
  const path = files.join(folder, SHARD_FILE);
  const fix = 'give the folders of shards';
  if ((await files.kindOf(folder)) !== 'folder') fail(folder, 'no such folder', fix);
  if ((await files.kindOf(path)) !== 'file') fail(folder, `no shard: it holds no ${SHARD_FILE}`, fix);
  const { size, read } = await files.open(path);
  const start = new TextDecoder().decode(await read(0, Math.min(size, 64)));
  const [, name = ''] = /^\s*\{\s*"format"\s*:\s*"limn (\w+) shard /.exec(start) ?? [];
  return kinds.get(name) ?? fail(path, 'no shard that this limn knows', fix);
}

/** The verbs that make shards, as their files are called. */
const kinds: ReadonlyMap<string, MergeResult['kind']> = new Map([
  ...(
    [
      'average',
      'classify',
      'clusters',
      'concepts',
      'explain',
      'faces',
      'faithfulness',
      'grid',
      'regions',
    ] as const
  ).map((kind) => [kind, kind] as const),
  ['evaluation', 'evaluate'] as const,
]);
