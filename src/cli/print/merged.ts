import { plural } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import { classifyDocument } from '../../verbs/classify/result.ts';
import type { MergeEvent, MergeRequest, MergeResult } from '../../verbs/merge/index.ts';
import { complain } from '../errors.ts';
import { tellOf } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { EventProgress } from '../progress.ts';
import { clustersText } from './clusters.ts';
import { conceptsText } from './concepts.ts';
import { reportText } from './faithfulness.ts';
import { gridText, printAverage, regionsText } from './heatmaps.ts';
import { measuresText } from './measures.ts';
import { classifiedText, facesText } from './photos.ts';

/** Merges shards and says what came of it, as the whole work would have. */
export async function mergeAndPrint(request: MergeRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ merge }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/merge/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const progress = new EventProgress();
  const on = (event: MergeEvent) => {
    if (event.kind === 'progress') return progress.on(event);
    progress.clear();
    complain(event.kind === 'note' ? event.text : event.failed.error);
  };
  const merged = await merge(request, nodeHostWith(outputs), { on }).finally(() => progress.clear());
  if (merged.kind === 'evaluate') {
    const { folder, result, measures } = merged.evaluated;
    if (json) printJson({ results: [{ folder, ...result.info, measures }] });
    else print(measuresText(merged.evaluated));
    return;
  }
  if (merged.kind === 'average') return json ? printJson(merged.mean) : printAverage(merged.mean);
  if (merged.kind === 'faces') return json ? printJson(merged.found) : print(facesText(merged.found));
  if (merged.kind === 'grid') return json ? printJson(merged.drawn) : print(gridText(merged.drawn));
  if (merged.kind === 'regions')
    return json ? printJson(merged.measured) : print(regionsText(merged.measured));
  if (merged.kind === 'classify') {
    for (const photo of merged.answers.photos) tellOf(photo, (each) => json || print(classifiedText(each)));
    return json ? printJson(classifyDocument(merged.answers)) : print(`→ ${request.output}\n`);
  }
  if (merged.kind === 'explain') {
    const { photos } = merged.record;
    // As one call would have told of them.
    const failed = photos.flatMap((photo) => ('error' in photo ? [photo.error] : []));
    failed.forEach(complain);
    if (failed.length > 0) process.exitCode = 1;
    if (json) printJson(merged.record);
    else print(`${plural(photos.length - failed.length, 'photo')} explained\n→ ${request.output}\n`);
    return;
  }
  const { report, files } = merged.kind === 'clusters' ? merged.clustering : merged.analysis;
  if (json) return printJson(report);
  print(`${textOf(merged)}\n${files[0]}\n`);
}

function textOf(
  merged: Exclude<
    MergeResult,
    { kind: 'average' | 'classify' | 'evaluate' | 'explain' | 'faces' | 'grid' | 'regions' }
  >,
): string {
  switch (merged.kind) {
    case 'faithfulness':
      return reportText(merged.analysis.report);
    case 'clusters':
      return clustersText(merged.clustering.report);
    case 'concepts':
      return conceptsText(merged.analysis.report);
  }
}
