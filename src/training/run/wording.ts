import type { Output, RunEvent } from './events.ts';

/** A number as C++ streams print it and Caffe's logs have it: six significant digits (`%g`). */
export function general(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [digits = '', power = ''] = sixDigits(x).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) {
    const fixed = Number(`${digits}e${exponent}`).toFixed(5 - exponent);
    return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${digits.replace(/\.?0+$/, '')}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `d.ddddde±x`. What lies exactly in the middle goes to the even digit; JavaScript would round it up. */
function sixDigits(x: number): string {
  const rounded = x.toExponential(5);
  const exact = x.toExponential(60);
  if (!/^-?\d\.\d{4}[02468]50*e/.test(exact)) return rounded;
  return exact.replace(/^(-?\d\.\d{5})\d*/, '$1');
}

/** What Caffe says of an event, line by line; `speed` is told of iterations that were trained. */
export function eventWording(event: RunEvent, speed = ''): string[] {
  if (event.event === 'note') return [event.text];
  const { iteration, loss, outputs } = event;
  if (event.event === 'test') {
    return [
      `Iteration ${iteration}, Testing net (#${event.net})`,
      ...(loss === undefined ? [] : [`Test loss: ${general(loss)}`]),
      ...outputs.map((output) => `    Test net ${outputWording(output)}`),
    ];
  }
  return [
    `Iteration ${iteration}${speed}, loss = ${general(loss ?? 0)}`,
    ...outputs.map((output) => `    Train net ${outputWording(output)}`),
    ...(event.rate === undefined ? [] : [`Iteration ${iteration}, lr = ${general(event.rate)}`]),
  ];
}

function outputWording({ name, index, value, weight }: Output): string {
  const share = weight ? ` (* ${general(weight)} = ${general(Math.fround(weight * value))} loss)` : '';
  return `output #${index}: ${name} = ${general(value)}${share}`;
}

/** ` (12.3 iter/s, 1.6s/20 iters)`: how many iterations were done since the last such line, and in how long. */
export const speedWording = (done: number, seconds: number, display: number): string =>
  ` (${general(Math.fround(done / (seconds || 1)))} iter/s, ${general(Math.fround(seconds))}s/${display} iters)`;

/** How much a line of a log matters: information, a warning, an error. */
export type Level = 'I' | 'W' | 'E';

/** A line with the prefix that Caffe's logs have: level, date, time of day, process, place. */
export function prefixed(line: string, at: Date, process: number, level: Level = 'I'): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const micros = `${String(at.getMilliseconds()).padStart(3, '0')}000`;
  return `${level}${day} ${time}.${micros} ${String(process).padStart(5)} limn:1] ${line}`;
}
