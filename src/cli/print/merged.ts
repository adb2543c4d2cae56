import type { Outputs } from '../../common/outputs.node.ts';
import type { MergeRequest } from '../../verbs/merge/index.ts';
import { print, printJson } from '../output.ts';
import { measuresText } from './measures.ts';

/** Merges shards and says what came of it, as the whole work would have. */
export async function mergeAndPrint(request: MergeRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ merge }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/merge/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { evaluated } = await merge(request, nodeHostWith(outputs));
  const { folder, result, measures } = evaluated;
  if (json) return printJson({ results: [{ folder, ...result.info, measures }] });
  print(measuresText(evaluated));
}
