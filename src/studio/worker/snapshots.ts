import type { Model } from '../../graph/index.ts';
import { type ClassifiedPhoto, classify } from '../../verbs/classify/index.ts';
import type { Host } from '../../verbs/host.ts';
import type { CaffePlan, SnapshotAnswers, SnapshotAsk } from '../protocol/index.ts';
import type { AskContext } from './context.ts';
import { imported } from './imported.ts';
import { unwritten } from './substitute.ts';

/* Snapshots of trainings: a network for a moment, which is not kept as other networks are, since there may be hundreds. */

interface ReadSnapshot {
  readonly model: Model;
  readonly notes: readonly string[];
}

/** Snapshots that are kept as they were read: the one that was asked last is the one that is explained. */
const keptSnapshots = 2;
const snapshots = new Map<string, Promise<ReadSnapshot>>();

/** Answers that are kept: another photo is asked about alone. */
const keptAnswers = 5000;
const answers = new Map<string, ClassifiedPhoto>();

/** Which class is followed over the training is chosen when all are known. */
const allClasses = 1_000_000;

const keyOf = ({ prototxt, caffemodel, mean, labels }: CaffePlan, { files }: AskContext): string =>
  JSON.stringify(
    [prototxt, caffemodel, mean, labels].map((path) => path !== undefined && [path, files.versionOf(path)]),
  );

async function readSnapshot(plan: CaffePlan, context: AskContext): Promise<ReadSnapshot> {
  const key = keyOf(plan, context);
  const read = async (): Promise<ReadSnapshot> => {
    const notes: string[] = [];
    const model = await unwritten(context.host, (host) =>
      imported(plan, plan.name, {
        ...{ host, signal: context.signal },
        on: ({ text }) => notes.push(text),
      }),
    );
    if (!model) throw new Error(`nothing was made of ${plan.caffemodel}`);
    return { model, notes };
  };
  const reading = snapshots.get(key) ?? read();
  snapshots.delete(key);
  snapshots.set(key, reading);
  reading.catch(() => snapshots.delete(key));
  for (const old of [...snapshots.keys()].slice(0, -keptSnapshots)) snapshots.delete(old);
  return reading;
}

/** A host that reads a snapshot as the model of its path. */
export async function snapshotHost(
  plan: CaffePlan,
  context: AskContext,
): Promise<{ readonly host: Host; readonly notes: readonly string[] }> {
  const { host } = context;
  const { model, notes } = await readSnapshot(plan, context);
  const { caffemodel: path } = plan;
  return {
    notes,
    host: {
      ...host,
      files: {
        ...host.files,
        readModel: async () => ({ model, path, size: 0, parts: () => [], files: [path] }),
      },
    },
  };
}

/** What a snapshot answers; of photos that it was asked about before, what it answered then. */
export async function snapshotAnswers(
  { plan, photos }: SnapshotAsk,
  context: AskContext,
): Promise<SnapshotAnswers> {
  const snapshot = keyOf(plan, context);
  const keyOfPhoto = (photo: string) => `${snapshot} ${photo}#${context.files.versionOf(photo)}`;
  const { host, notes } = await snapshotHost(plan, context);
  const [first, ...rest] = photos.filter((photo) => !answers.has(keyOfPhoto(photo)));
  const failed = new Map<string, SnapshotAnswers['photos'][number]>();
  if (first !== undefined) {
    const request = { model: plan.caffemodel, photos: [first, ...rest], top: allClasses };
    const { photos: said } = await classify(request, host, { signal: context.signal });
    for (const [i, photo] of [first, ...rest].entries()) {
      const answer = said[i];
      if ('error' in answer) failed.set(photo, answer);
      else answers.set(keyOfPhoto(photo), answer);
    }
  }
  const all = photos.map((photo) => failed.get(photo) ?? answers.get(keyOfPhoto(photo))!);
  for (const old of [...answers.keys()].slice(0, -keptAnswers)) answers.delete(old);
  return { photos: all, notes };
}
