import type { LogLengths } from './record.ts';

/** The logs in a run's folder: what was learned, when, both as Caffe says it, and for TensorBoard where wished. */
export const LOG_FILES: Readonly<Record<keyof LogLengths, string>> = {
  log: 'log.jsonl',
  clock: 'clock.jsonl',
  train: 'train.log',
  tensorboard: 'events.out.tfevents.limn',
};
