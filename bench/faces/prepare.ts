import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGE_LABELS, ageClass, GENDER_LABELS, genderClass, parseManifest } from '../../src/data/index.ts';
import { side } from './googlenet.ts';
import { mostSimilar } from './likeness.ts';
import { type Face, type Part, split } from './split.ts';
import { limn, type Work, write } from './work.ts';

/** Decides which photo is in which part, and the order of the databases. */
const seed = 0;

/** Splits the collection and makes lists, databases and mean images, in the sizes of the two networks. */
export async function prepare(work: Work): Promise<void> {
  const parts = split(await readFaces(work), seed);
  work.say(
    `photos: ${parts.train.length} for training, ${parts.val.length} to watch it by, ${parts.test.length} for testing`,
  );
  work.say('split by image: no photo is in two parts, but nobody says whether a person is');
  const paths = (part: Part) => parts[part].map((face) => join(work.faces, face.path));
  const closest = await mostSimilar([...paths('train'), ...paths('val')], paths('test'));
  work.say(`most similar photos between testing and the rest: correlation ${closest.correlation.toFixed(3)}`);

  for (const part of ['train', 'val', 'test'] as const) {
    await write(
      work,
      listOf('gender', part),
      list(parts[part], (face) => face.gender),
    );
    await write(
      work,
      listOf('age', part),
      list(parts[part], (face) => face.ageClass),
    );
  }
  await write(work, 'test.csv', manifest(parts.test));
  await write(work, 'age.txt', `${AGE_LABELS.join('\n')}\n`);
  await write(work, 'gender.txt', `${GENDER_LABELS.join('\n')}\n`);

  const lists = (['age', 'gender'] as const).flatMap((target) => [
    listOf(target, 'train'),
    listOf(target, 'val'),
  ]);
  for (const size of [side.photo, 128]) {
    const folder = `lmdb_${size}`;
    const options = ['--images', work.faces, '--resize', `${size}`, '--shuffle', '--seed', `${seed}`];
    await limn(work, `${folder}/gender_val_lmdb`, ['data', 'lmdb', ...lists, ...options, '-o', folder]);
    // As in the paper: one mean image, that of the photos for training gender.
    const mean = `${folder}/mean.binaryproto`;
    await limn(work, mean, ['data', 'mean', `${folder}/gender_train_lmdb`, '-o', mean]);
  }
}

const listOf = (target: 'age' | 'gender', part: Part): string => `lists/${target}_${part}.txt`;

async function readFaces({ faces }: Work): Promise<Face[]> {
  const file = join(faces, 'manifest.csv');
  const { rows } = parseManifest(await readFile(file, 'utf8'), file, { labels: ['age', 'gender'] });
  return rows.map(({ path, labels: { age = '', gender = '' }, groups: { race = '' } }, i) => {
    const where = `${file}, row ${i + 2}`;
    const sex = genderClass(gender, where);
    if (sex === undefined) throw new Error(`${where}: no gender annotation`);
    return { path, age, ageClass: ageClass(age, where), gender: sex, race };
  });
}

const list = (faces: readonly Face[], label: (face: Face) => number | undefined): string =>
  faces
    .flatMap((face) => {
      const of = label(face);
      return of === undefined ? [] : [`${face.path} ${of}\n`];
    })
    .join('');

/** The photos for testing, with what `limn compare --group-by` may ask for. */
function manifest(faces: readonly Face[]): string {
  const rows = faces.map(({ path, age, gender, race, ageClass }) =>
    [
      path,
      age,
      GENDER_LABELS[gender],
      race,
      `"${ageClass === undefined ? 'between' : AGE_LABELS[ageClass]}"`,
    ].join(','),
  );
  return ['path,age,gender,race,adience', ...rows, ''].join('\n');
}
