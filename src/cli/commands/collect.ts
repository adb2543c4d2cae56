import { plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { CollectRequest } from '../../plan/index.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { print, printJson } from '../output.ts';

type Options = Omit<CollectRequest, 'plan'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function collectCommand(): Command {
  const given = command('collect')
    .description(
      'Copies what the units of a plan made into one folder, by their names: models, results of evaluations, the last ' +
        'weights of trainings; and units.csv, which says where and how long each ran.',
    )
    .argument('<plan>', "limn plan's plan")
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--only <pattern...>', "units whose name fits, as '*/evaluate-*', or whose id begins so")
    .option('--partial', 'leave out units that are not done');
  return withExamples(withJson(withOverwrite(given)), [
    ['all evaluations, for limn compare', "limn collect work/plan.json --only '*/evaluate-*' -o results"],
    ['what is done so far', 'limn collect work/plan.json --partial -o so-far'],
  ]).action(collect);
}

async function collect(plan: string, { overwrite, json, ...options }: Options): Promise<void> {
  const { collectPlan } = await import('../../plan/cluster/collect.node.ts');
  const result = await withOutputs({ overwrite }, (outputs) =>
    collectPlan({ plan, ...options }, { outputs }),
  );
  if (json) return printJson(result);
  const { output, collected, missing } = result;
  const left = missing.length > 0 ? `, ${missing.length} not done` : '';
  print(`→ ${output}: ${plural(collected.length, 'unit')}${left}\n`);
}
