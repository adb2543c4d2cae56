import { join } from 'node:path';
import { modelOf, runOf, type Target, trainings } from './trainings.ts';
import { limn, type Work } from './work.ts';

/** Evaluates a target's networks on the photos for testing, compares them, and draws curves and heatmaps. */
export async function judge(work: Work, target: Target): Promise<void> {
  const own = trainings.filter((each) => each.target === target);
  const models = own.map(modelOf);
  const data = ['test.csv', '--images', work.faces, '--target', target];
  const resultOf = (crops: string, name: string) => `results/${target}-${crops}/${name}`;
  for (const crops of ['center', 'ten']) {
    const folder = `results/${target}-${crops}`;
    await limn(work, `${resultOf(crops, own.at(-1)!.name)}/result.json`, [
      ...['evaluate', ...models, ...data, '--crops', crops, '-o', folder],
    ]);
  }
  const results = own.map(({ name }) => resultOf('ten', name));
  await limn(work, `compared/${target}/comparison.json`, [
    ...['compare', ...results, '--baseline', `${target}-scratch`],
    ...[
      '--group-by',
      ...(target === 'age' ? ['gender', 'race'] : ['adience', 'race']),
      '-o',
      `compared/${target}`,
    ],
  ]);
  for (const ending of ['html', 'svg']) {
    const file = `curves/${target}.${ending}`;
    await limn(work, file, ['plot', ...own.map(runOf), '-o', file]);
  }
  const truth = target === 'gender' ? ['--truth', 'female', '--target', 'true'] : [];
  await limn(work, `heatmaps/${target}/grid.json`, [
    ...['grid', ...models, '--photos', join(process.cwd(), 'demo/astronaut-face.png'), ...truth],
    ...['-o', `heatmaps/${target}`],
  ]);
}
