import { type Command, command, withExamples, withJson } from '../command.ts';
import { print, printJson } from '../output.ts';
import { boardOf } from '../print/board.ts';
import { exitCodeOf, statesAsJson, tellStates } from '../print/units.ts';

interface Options {
  readonly only?: readonly string[];
  readonly json?: boolean;
}

export function statusCommand(): Command {
  const given = command('status')
    .description(
      'Says how the units of a plan stand: by the marks in their folders, and, of those that were submitted to Slurm, by what ' +
        'Slurm knows of them. It ends with 0 if all are done, else with 1.',
    )
    .argument('<plan>', "limn plan's plan")
    .option('--only <pattern...>', "units whose name fits, as 'age_*/fold-0/*', or whose id begins so");
  return withExamples(withJson(given), [
    ['how far all is', 'limn status work/plan.json'],
    ['for a program', 'limn status work/plan.json --json'],
  ]).action(tellStatus);
}

async function tellStatus(plan: string, { only, json }: Options): Promise<void> {
  const { planStatus } = await import('../../plan/cluster/status.node.ts');
  const { root, units } = await planStatus({ plan, only });
  if (json) printJson({ plan, ...statesAsJson(units) });
  else {
    print(await boardOf(root, units));
    tellStates(units);
  }
  process.exitCode = exitCodeOf(units);
}
