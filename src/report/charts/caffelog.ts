import type { Output, RunEvent, TrainLogged } from '../../training/run/events.ts';
import type { TimedEvent } from './eventrows.ts';

/** `I0801 12:34:56.789012 …`: seconds of the day. */
const clock = /^[IWE]\d{4} (\d\d):(\d\d):(\d\d(?:\.\d+)?)/;

/**
 * What a log of Caffe's tells of: `Iteration 100, loss = 1.2`, `Iteration 100, lr = 0.01`, `Test net output #0: accuracy
 * = 0.5`. Times are seconds since its first line; a day begins anew where the clock goes back.
 */
export function caffeEvents(text: string): TimedEvent[] {
  const found: { event: RunEvent & { outputs: Output[] }; time?: number }[] = [];
  let [iteration, start, day, last] = [0, Number.NaN, 0, 0];
  let train: number | undefined;
  let test: number | undefined;
  for (const whole of text.split('\n')) {
    // Caffe's lines are short; what else is in a log is looked at no further.
    const line = whole.slice(0, 2000);
    const stamp = clock.exec(line);
    if (stamp) {
      const now = Number(stamp[1]) * 3600 + Number(stamp[2]) * 60 + Number(stamp[3]);
      if (now < last - 3600) day += 86_400;
      last = now;
      if (Number.isNaN(start)) start = now;
    }
    const time = stamp ? { time: day + last - start } : {};
    const add = (event: RunEvent & { outputs: Output[] }) => found.push({ event, ...time }) - 1;
    iteration = Number(/\bIteration (\d+)\b/.exec(line)?.[1] ?? iteration);
    const loss = /\bIteration \d+\b.*?, loss = (\S+)/.exec(line)?.[1];
    const rate = /\bIteration \d+\b.*?, lr = (\S+)/.exec(line)?.[1];
    const net = /\bIteration \d+\b.*?, Testing net \(#(\d+)\)/.exec(line)?.[1];
    if (net !== undefined) test = add({ event: 'test', iteration, net: Number(net), outputs: [] });
    if (loss !== undefined) train = add({ event: 'train', iteration, loss: Number(loss), outputs: [] });
    const trained =
      train === undefined ? undefined : (found[train].event as TrainLogged & { outputs: Output[] });
    if (rate !== undefined && trained?.iteration === iteration) {
      found[train!].event = { ...trained, rate: Number(rate) };
    }
    const output = outputOf(line);
    if (!output) continue;
    if (output.of === 'Test') {
      test ??= add({ event: 'test', iteration, net: 0, outputs: [] });
      found[test].event.outputs.push(output.output);
      Object.assign(found[test], time);
    } else if (trained) {
      trained.outputs.push(output.output);
    }
  }
  return found;
}

function outputOf(line: string): { of: string; output: Output } | undefined {
  const match = /\b(Test|Train) net output #(\d+): (\S+) = (\S+)(?: \(\* (\S+) =)?/.exec(line);
  if (!match) return undefined;
  const [, of = '', index, name = '', value, weight] = match;
  return {
    of,
    output: {
      name,
      index: Number(index),
      value: Number(value),
      ...(weight !== undefined && { weight: Number(weight) }),
    },
  };
}
