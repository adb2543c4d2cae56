import { upgradeNet } from '../../caffe/index.ts';
import { parsePrototxt } from '../../caffe/prototxt/parse.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { parseRecord } from '../../training/run/record.ts';
import type { Host } from '../host.ts';

/** Definitions of networks of which a training may have been made by one. */
export interface TrainedByRequest {
  /** A `.limnstate` of the training: it knows its definition by the hash. */
  readonly record?: string;
  /** The likeliest first: the first counts where the record knows none of them. */
  readonly definitions: readonly [string, ...string[]];
}

/** The definition of a training. */
export interface TrainedBy {
  readonly definition: string;
  /** Whether the training says that it is this one. */
  readonly isKnown: boolean;
  /** The mean image that it names, by the path that stands there. */
  readonly mean?: string;
}

/** Which of some definitions a training was made by. Errors: a record or the chosen definition that cannot be read. */
export async function trainedBy(
  { record, definitions }: TrainedByRequest,
  { files, sha256 }: Pick<Host, 'files' | 'sha256'>,
): Promise<TrainedBy> {
  const textOf = (path: string) => readText(files, path, 'a network definition');
  const hashes = new Set(
    record === undefined
      ? []
      : Object.entries(parseRecord(await readText(files, record, 'a snapshot'), record).contents).flatMap(
          ([what, hash]) => (what === 'solver' ? [] : hash),
        ),
  );
  const isNet = async (path: string) =>
    hashes.has(
      sha256()
        .update(await textOf(path))
        .digest(),
    );
  let definition: string = definitions[0];
  let isKnown = false;
  for (const path of hashes.size > 0 ? definitions : []) {
    // Another one that is damaged says nothing of this training.
    if (!(await isNet(path).catch(() => false))) continue;
    [definition, isKnown] = [path, true];
    break;
  }
  const net = upgradeNet(parsePrototxt(await textOf(definition), definition), definition);
  if (net.layer.length === 0) fail(definition, 'no network: it has no layers', 'choose another definition');
  const mean = net.layer.find(({ transformParam }) => transformParam?.meanFile)?.transformParam?.meanFile;
  return { definition, isKnown, ...(mean !== undefined && { mean }) };
}
