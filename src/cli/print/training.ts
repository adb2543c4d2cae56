import { duration } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import type { TrainRequest } from '../../verbs/index.ts';
import type { TrainEvent, TrainResult } from '../../verbs/train/train.node.ts';
import { complain } from '../errors.ts';
import { print, printJson } from '../output.ts';
import { TrainingProgress } from '../progress.ts';
import { listenForRequests, type SignalRequests } from '../requests.ts';
import { toStderr } from '../terminal.ts';

export interface TrainingPrint {
  /** Nothing but warnings and the end. */
  readonly quiet?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Trains, says on stderr how it goes and on stdout how it ended, and does what signals ask for. */
export async function trainAndPrint(
  request: TrainRequest,
  outputs: Outputs,
  { quiet = false, json = false }: TrainingPrint,
): Promise<void> {
  const [{ train }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/train/train.node.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  let requests: SignalRequests | undefined;
  const listen = () => {
    requests = listenForRequests();
    return requests;
  };
  const printer = trainingPrinter(quiet);
  try {
    const result = await train(request, nodeHostWith(outputs), { on: printer.on, listen });
    printer.clear();
    if (result.how === 'stopped') process.exitCode = requests?.exitCode ?? 130;
    if (json) printJson(documentOf(result));
    else print(endText(result));
  } finally {
    printer.clear();
  }
}

/** What happens, on stderr: a bar and the log, or only what is wrong. */
function trainingPrinter(quiet: boolean): { on(event: TrainEvent): void; clear(): void } {
  let bar: TrainingProgress | undefined;
  const clear = () => bar?.clear();
  const loud = (event: TrainEvent) => {
    if (event.kind === 'start') bar = new TrainingProgress(event.iteration, event.total, event.images);
    else if (event.kind === 'progress') bar?.at(event.done, event.loss);
    else {
      clear();
      if (event.kind !== 'log') complain(event.text);
      else if (event.level === 'I') toStderr(`${event.line}\n`);
      else complain(event.line);
    }
  };
  const on = quiet ? (event: TrainEvent) => event.kind === 'warning' && complain(event.text) : loud;
  return { on, clear };
}

const documentOf = ({ how, iteration, seed, seconds, waited, notes, files: snapshot }: TrainResult) => ({
  ...{ how, iteration, seed, seconds, waited, notes, snapshot },
});

function endText({ how, iteration, seconds, waited, files }: TrainResult): string {
  const waits = seconds > 0 ? ((100 * waited) / seconds).toFixed(1) : '0.0';
  return (
    `${how === 'done' ? 'trained' : 'stopped after'} ${iteration} iterations in ${duration(1000 * seconds)}, ` +
    `${waits} % of it waiting for data${files ? `: ${files.model}` : ''}\n`
  );
}
