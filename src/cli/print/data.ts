import { count, plural, shapeText, short } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import type {
  DataAdienceRequest,
  DataJoinRequest,
  DataListsRequest,
  DataLmdbRequest,
  DataMeanRequest,
  DataMeanResult,
  DataMeansRequest,
  DataSampleRequest,
  DataSquareRequest,
} from '../../verbs/data/index.ts';
import type { MadeDatabase } from '../../verbs/data/lmdb.node.ts';
import { complain } from '../errors.ts';
import { follow, goesOnAgain } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { listsText } from './lists.ts';

/* Pictures are prepared, with what is to be said on the way on stderr, and on stdout what was made: by a command, or as a unit. */

/** Makes lists of the folds of Adience. */
export async function listsAndPrint(
  request: DataListsRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ dataLists }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const made = await dataLists(request, nodeHostWith(outputs));
  if (json) printJson(made);
  else print(listsText(made, request.output));
}

/** Pads pictures to squares. */
export async function squaresAndPrint(
  request: DataSquareRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const { dataSquare } = await import('../../verbs/data/square.node.ts');
  const squared = await follow((watch) => dataSquare(request, { outputs }, watch));
  if (json) return printJson(squared);
  const { output, written, kept, failed } = squared;
  const bad = failed.length > 0 ? `, ${failed.length} could not be read` : '';
  print(
    `${output}: ${plural(written, 'picture')} written, ${kept} ${kept === 1 ? 'was' : 'were'} there already${bad}\n`,
  );
}

/** Makes databases, which are guarded by themselves: an interrupted one goes on. */
export async function databasesAndPrint(request: DataLmdbRequest, json = false): Promise<void> {
  const [{ dataLmdb }, { nodeHost }] = await Promise.all([
    import('../../verbs/data/lmdb.node.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { databases } = await follow(
    (watch) => dataLmdb(request, nodeHost, watch),
    ({ database }: { readonly kind: 'database'; readonly database: MadeDatabase }) => {
      for (const each of database.skipped) complain(each);
      if (!json) print(databaseText(database));
    },
  );
  if (json) printJson(databases);
}

function databaseText({ output, entries, skipped, resumed, present }: MadeDatabase): string {
  const how = present
    ? ' (was there already)'
    : resumed > 0
      ? ` (went on at line ${count(resumed)} of the list)`
      : '';
  const bad = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  return `${output}: ${plural(entries, 'picture')}${bad}${how}\n`;
}

/** Averages pictures. */
export async function meanAndPrint(request: DataMeanRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ dataMean }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const made = await follow((watch) => dataMean(request, nodeHostWith(outputs), watch));
  if (json) printJson(made);
  else printMean(made);
}

/** Averages pictures of several folds. */
export async function meansAndPrint(
  request: DataMeansRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ dataMeans }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const made = await follow((watch) => dataMeans(request, nodeHostWith(outputs), watch));
  if (json) printJson(made);
  else made.forEach(printMean);
}

function printMean({ output, picture, pictures, skipped, shape, channels }: DataMeanResult): void {
  const bad = skipped > 0 ? `, ${skipped} skipped` : '';
  print(
    `${output}: the mean of ${plural(pictures, 'picture')}${bad}, ${shapeText(shape)}, channels ${channels.map(short).join(', ')}\n`,
  );
  if (picture !== undefined) print(`${picture}: the same as a picture\n`);
}

/** Copies the pictures of several folders into one. */
export async function joinAndPrint(request: DataJoinRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ dataJoin }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const made = await follow((watch) => dataJoin(request, nodeHostWith(outputs), watch));
  if (json) printJson(made);
  else print(`${made.output}: ${plural(made.pictures, 'picture')}\n`);
}

/** Chooses pictures of a list. */
export async function sampleAndPrint(
  request: DataSampleRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ dataSample }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const made = await dataSample(request, nodeHostWith(outputs));
  if (json) return printJson(made);
  const classes = Object.entries(made.classes).map(([label, n]) => `${n} of class ${label}`);
  print(`${made.output}: ${plural(made.pictures, 'picture')}: ${classes.join(', ')}\n`);
}

/** Lays photos out as Adience is. */
export async function adienceAndPrint(
  request: DataAdienceRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ dataAdience }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  if (request.align) goesOnAgain();
  const made = await follow((watch) => dataAdience(request, nodeHostWith(outputs), watch));
  if (json) return printJson(made);
  const { output, folds, people, unlabelled, failed } = made;
  const faces = folds.reduce((sum, n) => sum + n, 0);
  print(
    `${output}: ${plural(faces, 'face')} of ${count(people)} people in ${folds.length} folds (${folds.map(count).join(', ')}); ` +
      `left out: ${count(unlabelled)} without labels, ${count(failed.length)} without a face or unreadable\n`,
  );
}
