import type { Outputs } from '../../common/outputs.node.ts';
import type { MergeRequest } from '../../verbs/merge/index.ts';
import { print, printJson } from '../output.ts';
import { reportText } from './faithfulness.ts';
import { measuresText } from './measures.ts';

/** Merges shards and says what came of it, as the whole work would have. */
export async function mergeAndPrint(request: MergeRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ merge }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/merge/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const merged = await merge(request, nodeHostWith(outputs));
  if (merged.kind === 'faithfulness') {
    const { report, files } = merged.study;
    if (json) printJson(report);
    else print(`${reportText(report)}\n${files[0]}\n`);
    return;
  }
  const { folder, result, measures } = merged.evaluated;
  if (json) printJson({ results: [{ folder, ...result.info, measures }] });
  else print(measuresText(merged.evaluated));
}
