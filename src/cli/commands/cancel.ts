import { plural } from '../../common/format.ts';
import { type Command, command, withExamples, withJson } from '../command.ts';
import { print, printJson } from '../output.ts';

interface Options {
  readonly only?: readonly string[];
  readonly now?: boolean;
  readonly json?: boolean;
}

export function cancelCommand(): Command {
  const given = command('cancel')
    .description(
      "Takes the units of a plan out of Slurm's queue. Those that run save what they have and stop; what is done stays as it " +
        'is. limn run goes on with the rest.',
    )
    .argument('<plan>', "limn plan's plan")
    .option('--only <pattern...>', "units whose name fits, as 'age_*/fold-0/*', or whose id begins so")
    .option('--now', 'kill units that run: what came after their last snapshots is lost');
  return withExamples(withJson(given), [
    ['all of a plan', 'limn cancel work/plan.json'],
    ['one network, at once', "limn cancel work/plan.json --only 'age_finetuning_vgg16/*' --now"],
  ]).action(cancelUnits);
}

async function cancelUnits(plan: string, { only, now, json }: Options): Promise<void> {
  const { cancelPlan } = await import('../../plan/cluster/status.node.ts');
  const result = await cancelPlan({ plan, only, now });
  if (json) return printJson(result);
  const { cancelled, stopping } = result;
  if (cancelled.length + stopping.length === 0) return print('nothing to cancel: no unit is in the queue\n');
  print(`${plural(cancelled.length, 'unit')} cancelled, ${stopping.length} ${now ? 'killed' : 'stopping'}\n`);
}
