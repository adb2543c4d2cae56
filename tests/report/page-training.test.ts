import { expect, it } from 'vitest';
import { numbersTable, type TrainingRun } from '../../src/report/page-training.ts';

it.each([
  [1182, '1,180'],
  [25, '25'],
  [98_765, '98,800'],
  [0.5, '0.5'],
])('images per second of a training are written as people read them: %d', (imagesPerSecond, text) => {
  const run: TrainingRun = {
    name: 'run',
    source: 'run/log.jsonl',
    rows: [{ iteration: 10, metric: 'loss', series: 'training', value: 0.25 }],
    clock: [{ event: 'train', iteration: 10, seconds: 60, imagesPerSecond, waiting: 0 }],
  };
  const { columns, rows } = numbersTable([run], run.rows);
  const at = columns.findIndex(({ title }) => title === 'images/s');
  const cell = rows[0][at];
  expect(typeof cell === 'string' ? cell : cell.text).toBe(text);
});
