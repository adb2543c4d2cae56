import { plural } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import type { EvaluateRequest } from '../../verbs/evaluate/index.ts';
import { follow } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { foldsText, manyText, measuresText } from './measures.ts';

export interface EvaluationPrint {
  readonly predictionsInRows?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Evaluates models, says on stderr how it goes and on stdout what was measured. */
export async function evaluateAndPrint(
  request: EvaluateRequest,
  outputs: Outputs,
  { predictionsInRows, json = false }: EvaluationPrint,
): Promise<void> {
  const [{ evaluate }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/evaluate/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const {
    models: evaluated,
    folded,
    shards,
  } = await follow((watch) => evaluate(request, nodeHostWith(outputs), watch));
  if (json) {
    const folds = folded.map(({ measures: { spread, pooled } }) => ({ spread, pooled }));
    printJson({
      results: evaluated.map(({ folder, result: { info }, measures }) => ({ folder, ...info, measures })),
      ...(folds.length > 0 && { folds }),
      ...(shards.length > 0 && {
        shards: shards.map(({ folder, shard, result: { info } }) => ({ folder, shard, ...info })),
      }),
    });
  } else if (shards.length > 0) {
    for (const { folder, shard, result } of shards)
      print(`shard ${shard.index} of ${shard.of}: ${plural(result.answers.length, 'photo')}\n→ ${folder}\n`);
  } else if (folded.length > 0) {
    for (const each of folded) print(foldsText(each));
  } else if (evaluated.length > 1) print(manyText(evaluated));
  else print(measuresText(evaluated[0], predictionsInRows));
}
