import { join } from 'node:path';
import { type Bench, exportNet, limn } from '../bench.ts';
import { call, importGoogLeNet } from '../command.ts';
import { closeAll, startAll } from '../contestant.ts';
import { makePhotos } from '../photos.ts';
import { quietness, race } from '../race.ts';
import { atLeast, ms, type Section, times } from '../section.ts';
import { median, timesFaster } from '../statistics.ts';

const [many, few] = [100, 20];
/** Images of one timing of the engine alone. */
const images = 40;
/** The rules of the engine's own graph (`limn/jobs.ts`), so that both compute the same. */
const rules = ['--formula', '102', '--up-to', '4'];

/**
 * Many photos: `limn explain` against the engine alone, which finds its inputs ready in memory and keeps nothing; and
 * a worker thread per core with a single-threaded session each against one session with all threads.
 */
export async function throughput(bench: Bench): Promise<Section> {
  await exportNet(bench, 'googlenet');
  const { model } = await importGoogLeNet(bench);
  bench.say(`making ${many} photos`);
  const photos = await makePhotos(join(bench.folder, 'photos'), many);
  const explain = (name: string, count: number, ...more: string[]) => ({
    name,
    run: async () => {
      const out = join(bench.folder, 'many');
      const threads = ['--threads', `${bench.threads}`];
      return (
        await call(['explain', model, ...photos.slice(0, count), ...rules, ...threads, ...more, '-o', out])
      ).ms;
    },
  });
  const { contestants } = await startAll([
    limn(bench, 'workers', 'workers', 'googlenet', images),
    limn(bench, 'one session', 'one-session', 'googlenet', images),
  ]);
  bench.say(`explaining ${many} photos, and ${few}`);
  const rounds = Math.max(1, Math.round(bench.rounds / 3));
  const result = await race(
    [
      ...contestants,
      explain('many', many),
      explain('few', few),
      explain('many, heatmaps only', many, '--no-figure', '--raw', 'none'),
      explain('few, heatmaps only', few, '--no-figure', '--raw', 'none'),
    ],
    { ...bench, rounds, warmups: 1 },
  ).finally(() => closeAll(contestants));

  const each = (name: string) => result.times[name].map((taken) => taken / images);
  // What the command takes for every further photo: its start and the loading of the model cancel out.
  const further = (what: string) =>
    result.times[`many${what}`].map(
      (taken, round) => (taken - result.times[`few${what}`][round]) / (many - few),
    );
  const [workers, one, drawn, bare] = [
    each('workers'),
    each('one session'),
    further(''),
    further(', heatmaps only'),
  ];
  const whole = result.times.many.map((taken) => taken / many);
  const row = (name: string, taken: readonly number[]) => [
    name,
    ms(median(taken)),
    times(1 / timesFaster(workers, taken)),
  ];
  return {
    tables: [
      {
        columns: ['GoogLeNet, LRP by formula 102', 'ms per photo', "throughput by the workers'"],
        rows: [
          row(`engine alone, ${bench.threads} workers with 1 thread each`, workers),
          row(`engine alone, one session with ${bench.threads} threads`, one),
          row(`limn explain, every further photo`, drawn),
          row('limn explain, every further photo, heatmaps only', bare),
          row(`limn explain, ${many} photos, start and loading included`, whole),
        ],
      },
    ],
    targets: [
      atLeast(`workers' throughput by one session's`, 1.3, timesFaster(workers, one)),
      atLeast(
        'throughput of limn explain (every further photo) by the engine’s own',
        0.9,
        1 / timesFaster(workers, drawn),
      ),
      atLeast('the same, heatmaps only', 0.9, 1 / timesFaster(workers, bare)),
    ],
    notes: [
      ...quietness(result),
      `Photos are JPEGs of 816×816. limn explain decodes and prepares them, runs the network, writes figure, heatmap and raw relevance of each (\`heatmaps only\`: \`--no-figure --raw none\`).`,
      `Every further photo: the time of ${many} photos minus that of ${few}, by ${many - few}.`,
    ],
    raw: result.times,
  };
}
