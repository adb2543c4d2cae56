import { failRequest } from '../../common/error.ts';
import { count, plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { field, words } from '../../common/words.ts';
import type { StudyRequest } from '../../plan/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { note } from '../errors.ts';
import { print, printJson } from '../output.ts';
import { runOnePlan } from './run-plan.ts';

interface Options {
  readonly output?: string;
  readonly only?: readonly string[];
  readonly schedule?: NonNullable<StudyRequest['schedule']>;
  readonly workers?: number;
  readonly planOnly?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function studyCommand(): Command {
  const given = command('study')
    .description(
      'Does a whole study, from folders of photos to a report, of one file that says what is wanted: lists, squares, databases, ' +
        'mean images, trainings, models, evaluations, heatmaps, comparison, charts and report are units of one plan. What ' +
        'is done is skipped, what was interrupted goes on, here or by other calls on the same folder, and on a cluster by ' +
        'limn run FOLDER/plan.json --on slurm.',
    )
    .argument('<study>', 'what is wanted: a .yaml file')
    .option('-o, --output <folder>', 'where to; a folder named after the file unless given')
    .option(
      '--only <pattern...>',
      "units whose name fits, as 'data/*' or 'age_*/fold-0/*', or whose id begins so",
    )
    .addOption(
      new Option(
        '--schedule <name>',
        "how long networks are trained: as the paper's weights were, as the committed solvers say, or two iterations on a few photos, to try everything out; as the file says unless given",
      ).choices(['paper', 'as-committed', 'smoke']),
    )
    .option('--workers <n>', 'units at a time; 1 unless given', parseWhole(1))
    .option('--plan-only', 'write the plan, and run nothing');
  return withExamples(withJson(withOverwrite(given)), [
    ['does everything go through?', 'limn study adience.yaml --schedule smoke -o tried'],
    ['the study', 'limn study adience.yaml -o adience'],
    ['its data first', "limn study adience.yaml -o adience --only 'data/*'"],
  ]).action(doStudy);
}

async function doStudy(file: string, options: Options): Promise<void> {
  const { output, only, schedule, workers, planOnly, overwrite, json } = options;
  if (planOnly && (only || workers))
    failRequest(words`${field(only ? 'only' : 'workers')}`, 'nothing is run', 'leave it out, or --plan-only');
  const { planStudy } = await import('../../plan/study/study.node.ts');
  const made = await withOutputs({ overwrite }, (outputs) =>
    planStudy({ study: file, output, schedule }, { outputs }),
  );
  const { plan, counts, units, notes } = made;
  for (const text of notes) note(text);
  if (!planOnly)
    return runOnePlan(plan, { ...(workers && { workers }), ...(only && { only }), ...(json && { json }) });
  if (json) return printJson(made);
  const each = Object.entries(counts).map(([kind, n]) => `${count(n)} ${kind}`);
  print(`${plural(units.length, 'unit')}: ${each.join(', ')}\n→ ${plan}\n`);
}
