import type { ClockEvent, Output, RunEvent } from '../../training/run/events.ts';
import type { ProgressRow } from './progressrow.ts';

/** An event of a training, and seconds since its start where they are known. */
export interface TimedEvent {
  readonly event: RunEvent;
  readonly time?: number;
}

/** The name of the learning rate's panel. */
export const RATE = 'learning rate';

/** Events with the times that the run's clock gives. */
export function timedEvents(events: readonly RunEvent[], clock: readonly ClockEvent[]): TimedEvent[] {
  // Where a solver has several test networks, the last of them stands for all.
  const times = new Map(clock.map(({ event, iteration, seconds }) => [`${event} ${iteration}`, seconds]));
  return events.map((event) => {
    const time = times.get(`${event.event} ${event.iteration}`);
    return { event, ...(time !== undefined && { time }) };
  });
}

/**
 * What a training's events say, number by number: the loss of training (smoothed as the solver wishes) and of the tests,
 * learning rates, and what the networks put out besides. What adds to a loss of several parts is a detail. Numbers that
 * are not finite are left out.
 */
export function eventRows(events: readonly TimedEvent[]): ProgressRow[] {
  return events.flatMap(({ event, time }) => {
    if (event.event === 'note') return [];
    const { iteration, outputs } = event;
    const alike = new Map<string, number>();
    for (const { name } of outputs) alike.set(name, (alike.get(name) ?? 0) + 1);
    // The elements of one blob have its name in common.
    const nameOf = ({ name, index }: Output) => (alike.get(name)! > 1 ? `${name} #${index}` : name);
    const series =
      event.event === 'train' ? 'training' : event.net > 0 ? `validation #${event.net}` : 'validation';
    const row = (metric: string, value: number, detail = false): ProgressRow => ({
      iteration,
      ...(time !== undefined && { time }),
      metric,
      series,
      value,
      ...(detail && { detail }),
    });
    const losses = outputs.filter(({ weight }) => weight);
    const loss = event.event === 'train' ? event.loss : (event.loss ?? weightedSum(losses));
    const rate = event.event === 'train' ? event.rate : undefined;
    const rows = [
      ...(loss === undefined ? [] : [row('loss', loss)]),
      ...outputs.filter(({ weight }) => !weight).map((output) => row(nameOf(output), output.value)),
      // A single loss is the whole loss again.
      ...(losses.length > 1 ? losses.map((each) => row(nameOf(each), each.value, true)) : []),
      ...(rate === undefined ? [] : [row(RATE, rate)]),
    ];
    return rows.filter(({ value }) => Number.isFinite(value));
  });
}

const weightedSum = (losses: readonly Output[]): number | undefined =>
  losses.length === 0 ? undefined : losses.reduce((sum, { value, weight = 0 }) => sum + weight * value, 0);
